"""Labels for vehicles and keys, price sheets for windscreens, and where each printer puts them."""
