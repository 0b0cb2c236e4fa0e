"""How long a party takes: pure rules over the profile."""

from business.profile.schemas import Profile


def duration_minutes(profile: Profile, guests: int) -> int:
    """Minutes of cooking and eating for so many guests, set-up and clean-up not counted."""
    rule = profile.slots.duration
    cap = rule.large_cap_minutes if guests >= rule.large_from_guests else rule.cap_minutes
    return min(rule.base_minutes + rule.per_guest_minutes * guests, cap)
