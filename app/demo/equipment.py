"""What the demo's cars are equipped with: made up by class, body and place in the range, only built like real ones.

Makes say their warranty, series their body and chassis, model years their connectivity, trims their equipment.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.catalog.energies import Energy

_PLUGGED = frozenset({Energy.PLUG_IN_HYBRID, Energy.RANGE_EXTENDED, Energy.ELECTRIC})
_PREMIUM = frozenset({"BMW", "Mercedes-Benz", "Audi", "NIO", "Li Auto", "AITO"})
_TIERS: tuple[tuple[str, ...], ...] = (
    ("anti_lock_brakes", "brake_force_distribution", "brake_assist", "traction_control", "stability_control", "isofix",
     "tyre_pressure_monitor", "hill_start_assist", "auto_hold", "air_conditioning", "keyless_start", "bluetooth",
     "navigation", "voice_control", "reversing_camera", "rear_parking_sensors", "automatic_headlamps", "stop_start",
     "cruise_control", "heated_mirrors", "belt_pretensioners", "side_airbags"),
    ("keyless_entry", "emergency_braking", "forward_collision_warning", "lane_departure_warning", "lane_keeping",
     "adaptive_cruise", "power_driver_seat", "rain_sensor", "curtain_airbags", "remote_control_app", "carplay",
     "rear_air_vents", "folding_mirrors", "air_purification"),
    ("surround_camera", "blind_spot_monitor", "leather_seats", "heated_seats", "power_tailgate", "ambient_light",
     "wireless_phone_charging", "front_parking_sensors", "automatic_parking", "automatic_high_beam", "digital_key",
     "driver_monitor", "traffic_sign_recognition"),
    ("ventilated_seats", "head_up_display", "rear_cross_traffic", "seat_memory", "power_passenger_seat",
     "laminated_glass", "lane_centring", "door_opening_warning", "hands_free_tailgate", "noise_cancelling"),
    ("massage_seats", "heated_rear_seats", "air_suspension", "soft_close_doors", "highway_pilot", "refrigerator",
     "night_vision", "rear_sunblind", "memory_parking"),
)  # fmt: skip
"""Equipment from the least to the most expensive cars."""
_UNCHARGED_KM = 25
"""So far a plug-in is reckoned to go on fuel between two charges (UN regulation 101, annex 8; GB/T 19753-2013): its
combined figure is that of the empty battery over range and 25 km together."""


def make_parameters(make: Mapping[str, Any]) -> dict[str, Any]:
    """What a make promises for all its cars."""
    if make["country"] == "CN":
        return {"warranty_years": 6, "warranty_distance": 150_000, "roadside_assistance_years": 6,
                "first_service_distance": 5_000, "free_services": 1}  # fmt: skip
    premium = make["en"] in _PREMIUM
    return {"warranty_years": 3, "warranty_distance": 100_000, "roadside_assistance_years": 3,
            "free_services": 4 if premium else 1, "first_service_distance": 10_000 if premium else 5_000}  # fmt: skip


def series_parameters(series: Mapping[str, Any]) -> dict[str, Any]:
    """Body and chassis, from the size that is known."""
    size, body = series["parameters"], series["body"]
    tall = body in ("suv", "mpv")
    volume = round((size["length"] - 3_000) * (0.28 if tall else 0.25) / 10) * 10
    return {
        **size, "body": body, "seats": series["seats"], "doors": 4 if body == "sedan" else 5,
        "seat_rows": 3 if series["seats"] > 5 else 2, "ground_clearance": 185 if body == "suv" else 140,
        "front_track": size["width"] - 265, "rear_track": size["width"] - 255,
        "luggage_volume": max(150, volume), "turning_circle": round(size["wheelbase"] / 250, 1),
        "front_suspension": "麦弗逊式独立悬架" if size["wheelbase"] < 2_850 else "双叉臂式独立悬架",
        "rear_suspension": "扭力梁式非独立悬架" if size["wheelbase"] < 2_650 else "多连杆式独立悬架",
        "steering_assist": "electric", "front_brakes": "ventilated_disc", "body_frame": "unibody",
        "rear_brakes": "disc", "parking_brake": "electric", "wheel_material": "aluminium",
        "drag_coefficient": 0.31 if tall else 0.24,
    }  # fmt: skip


def year_parameters(year: int, *, newest: int) -> dict[str, Any]:
    """What came with a model year."""
    new = year == newest
    return {"mobile_network": "5g" if new else "4g", "over_the_air": "vehicle" if new else "infotainment",
            "connected_services_years": 3 if new else 2}  # fmt: skip


def trim_parameters(trim: Mapping[str, Any], *, place: int, of: int) -> dict[str, Any]:
    """A trim's own equipment: by price, and by its place among the trims of the series."""
    price, energy = Decimal(trim["price"]), Energy(trim["energy"])
    tier = sum(price >= limit for limit in (90_000, 150_000, 230_000, 330_000)) + (place == of - 1)
    found: dict[str, Any] = {}
    for level, codes in enumerate(_TIERS):
        fitted = "standard" if level <= tier else "optional" if level == tier + 1 else "absent"
        found |= dict.fromkeys(codes, fitted)
    found |= {
        "airbags": min(10, 2 + 2 * tier), "screen_size": (8, 10.25, 12.3, 14.6, 15.6, 15.6)[tier],
        "speakers": (4, 6, 8, 12, 16, 20)[tier], "usb_ports": 2 + tier // 2, "wheel_size": 16 + min(tier, 4),
        "cameras": (1, 2, 5, 6, 11, 12)[tier], "ultrasonic_sensors": 4 if tier < 2 else 12,
        "climate_zones": 1 if tier < 2 else 2 if tier < 4 else 3, "headlamps": "led" if tier < 3 else "matrix_led",
        "seat_material": ("fabric", "imitation_leather", "imitation_leather", "leather", "nappa", "nappa")[tier],
        "automation_level": 2 if tier else 1,
        "sunroof": "none" if tier < 1 else "single" if tier < 2 else "panoramic_opening",
    }  # fmt: skip
    if trim["parameters"].get("drive") == "all":
        found |= {"rear_suspension": "五连杆式独立悬架", "turning_circle": 12.2}
    if energy in _PLUGGED:
        found |= _electric(trim["parameters"], energy, tier)
    return {**found, **trim["parameters"], **_plug_in_consumption(trim["parameters"], energy)}


def _plug_in_consumption(known: Mapping[str, Any], energy: Energy) -> dict[str, Any]:
    """The list's figure of a plug-in is the one with an empty battery; the combined one follows from it."""
    if energy not in _PLUGGED or energy is Energy.ELECTRIC:
        return {}
    depleted = known["consumption_combined"]
    combined = depleted * _UNCHARGED_KM / (known["electric_range"] + _UNCHARGED_KM)
    return {"consumption_charge_sustaining": depleted, "consumption_combined": round(combined, 2)}


def _electric(known: Mapping[str, Any], energy: Energy, tier: int) -> dict[str, Any]:
    """Battery and charging."""
    pure, capacity = energy is Energy.ELECTRIC, float(known.get("battery_capacity", 20))
    power = (60, 90, 120, 180, 250, 300)[tier] if pure else 40
    found: dict[str, Any] = {
        "battery_cooling": "liquid", "charging_standard": "gb_t", "battery_heating": "standard",
        "charging_power": power, "ac_charging_power": 7 if pure else 6.6, "fast_charging_span": [30, 80],
        "fast_charging_time": max(0.25, round(capacity * 0.5 / power * 1.15, 2)),
        "slow_charging_time": round(capacity / (7 if pure else 6.6), 1), "battery_warranty_years": 8,
        "battery_warranty_distance": 160_000, "vehicle_to_load": "standard" if tier else "optional",
        "heat_pump": "standard" if tier > 1 else "absent", "scheduled_charging": "standard",
    }  # fmt: skip
    reach = known.get("electric_range")
    if reach:
        found["electric_range_winter"] = [round(reach * 0.62), round(reach * 0.74)]
    return found
