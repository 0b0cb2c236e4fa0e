"""Why a text message did not go, in words that staff read. What a provider calls it is shown as its code."""

_WORDS = {
    "Placeholder": "The number is a placeholder",
    "NoProvider": "No provider is set up",
    "Unanswered": "Nobody read the provider's answer",
    "WorkerGone": "The worker was gone before the provider answered",
    "Absent": "The provider's list does not have it",
    "TakenOver": "A person took over before it went",
    "NumberMoved": "The number is not this conversation's any more",
    "FileGone": "One of its files is not there",
    "TooLate": "It could not be sent in time",
    "Unseen": "The provider's list does not have it so far",
    "Undelivered": "The network did not deliver it",
    "Throttled": "The provider takes no more for now",
    "OptedOut": "The provider keeps a refusal for this number",
    "Unreachable": "No text can go to this number",
    "Country": "Texts go to no number of this country",
    "Stopped": "They stopped texts from this number",
    "NoConsent": "They have not agreed to texts of this kind",
    "NoConversation": "It belongs to no conversation",
    "NotAsked": "Nobody wrote to us from this number",
    "NotStaff": "It is no colleague's own number",
    "Muted": "Its number answers by itself, so it is not answered for now",
    "TooMany": "This number had too many texts of late",
    "TooManyAlike": "Numbers like it had too many texts of late",
    "TooManyToday": "Too many texts went out today",
    "MonthFull": "They had as many texts this month as one may have",
    "NoCampaign": "Its campaign is not there",
    "CampaignOver": "Its campaign was stopped",
    "CampaignPaused": "Its campaign is paused",
    "Hours": "It is not day there yet",
}


def spoken(error: str | None) -> str | None:
    """None where nothing kept it."""
    if error is None:
        return None
    return _WORDS.get(error, f"The provider answered {error}")
