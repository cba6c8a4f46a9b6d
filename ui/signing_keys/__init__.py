"""What administrators set up so that contracts can be signed: keys, certificates, and the sending of codes."""
