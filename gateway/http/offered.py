"""Everything that the console's HTTP offers: routes and OpenAPI are both made from it."""

from gateway.http.assistant_wire import ASSISTANT
from gateway.http.audit_wire import AUDIT
from gateway.http.calendar_wire import CALENDAR
from gateway.http.campaigns_wire import CAMPAIGNS
from gateway.http.chefs_wire import CHEFS
from gateway.http.complaints_wire import COMPLAINTS
from gateway.http.consent_wire import CONSENT
from gateway.http.conversation_wire import CONVERSATIONS
from gateway.http.costs_wire import COSTS
from gateway.http.dead_letter_wire import DEAD_LETTERS
from gateway.http.emails_wire import EMAILS
from gateway.http.ensemble_wire import ENSEMBLE
from gateway.http.jobs_wire import JOBS
from gateway.http.knowledge_wire import DOCUMENTS
from gateway.http.leads_wire import LEADS
from gateway.http.operations import ADMIN, Operation
from gateway.http.own_phone_wire import OWN_PHONE
from gateway.http.payment_wire import PAYMENTS
from gateway.http.people_wire import PEOPLE
from gateway.http.profile_wire import PROFILE
from gateway.http.push_wire import PUSH
from gateway.http.reports_wire import REPORTS
from gateway.http.rotation_wire import ROTATION
from gateway.http.segments_wire import SEGMENTS
from gateway.http.shadows_wire import SHADOWS
from gateway.http.sites_wire import SITES
from gateway.http.texting_wire import TEXTING
from gateway.http.texts_wire import TEXTS
from gateway.http.token_wire import TOKENS
from gateway.http.unanswered_wire import UNANSWERED
from gateway.http.webhook_wire import WEBHOOKS

OFFERED: tuple[Operation, ...] = (
    *ADMIN,
    *AUDIT,
    *PROFILE,
    *OWN_PHONE,
    *PUSH,
    *ROTATION,
    *SITES,
    *CONVERSATIONS,
    *PEOPLE,
    *COMPLAINTS,
    *LEADS,
    *WEBHOOKS,
    *DEAD_LETTERS,
    *JOBS,
    *DOCUMENTS,
    *UNANSWERED,
    *COSTS,
    *ENSEMBLE,
    *EMAILS,
    *TOKENS,
    *ASSISTANT,
    *REPORTS,
    *CALENDAR,
    *CHEFS,
    *PAYMENTS,
    *SHADOWS,
    *CAMPAIGNS,
    *SEGMENTS,
    *TEXTING,
    *TEXTS,
    *CONSENT,
)
