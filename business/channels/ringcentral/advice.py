"""What to do about an error, for whoever runs the install."""

from business.channels.ringcentral.numbers import WHAT_TO_DO

_ADVICE = {
    **WHAT_TO_DO,
    "OAU-140": "The JWT is not taken: it was revoked, has ended, or is for another app. Make one for this app in the Developer Console.",
    "OAU-146": "Client id and secret do not belong together. Copy both from the app's settings again.",
    "OAU-125": "The app may not sign in with a JWT. Choose JWT auth flow in its settings.",
    "CMN-401": "The app lacks a permission: Read Accounts, Read Messages, SMS, Webhook Subscriptions, and A2P SMS for high volume.",
    "CMN-408": "The user lacks a permission of that name. An administrator of the account grants it.",
    "MSG-242": "The number cannot send texts. `hibachi sms numbers` says what each can.",
    "MSG-245": "The number is none of the user's whose JWT is used. `hibachi sms numbers` lists theirs.",
    "SUB-505": "The app has as many webhooks as it may. Remove some in the Developer Console.",
    "no_public_address": "This install has no address that RingCentral could reach. Set public_url, or sms.callback.",
    "SUB-524": "The certificate of our address is not good: RingCentral checks the whole chain.",
    "SUB-525": "Our address did not answer as it should. Is the gateway served at it, over https, with a good certificate?",
    "connection": "RingCentral cannot be reached from here. Is sms.address right, and may this machine open connections?",
    "timeout": "RingCentral did not answer in time. Try again in a while.",
    "429": "There were too many requests. Wait for a minute.",
    "CMN-301": "There were too many requests. Wait for a minute.",
}


def advice(code: str) -> str:
    """One or two sentences; the code itself where nothing better is known."""
    return _ADVICE.get(code, f"RingCentral says {code}. Its list of errors: developers.ringcentral.com, Guide, Error codes.")
