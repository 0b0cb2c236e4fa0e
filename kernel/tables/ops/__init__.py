"""ops: what has to be done. Handoffs to people, the outbox of effects, bookings, money, e-mails, texts, complaints."""

from kernel.tables.base import OpsBase
from kernel.tables.ops.assistant import AlertDismissal, AssistantAction
from kernel.tables.ops.bookings import Booking, BookingEvent, Chef, ChefTime, Quote
from kernel.tables.ops.complaints import Complaint, Coupon, FollowUp
from kernel.tables.ops.effects import CronRun, Outbox, WebhookAttempt, WebhookDelivery, WebhookEndpoint, WorkerProcess
from kernel.tables.ops.emails import Email, EmailSuppression, EmailTemplate, InboundEmail
from kernel.tables.ops.handoffs import CannedReply, Handoff, Mention, Notification, TranscriptRequest
from kernel.tables.ops.payments import Checkout, LedgerEntry, LedgerPosting, Payment, PaymentEvent, PaymentNotice, Refund
from kernel.tables.ops.texts import InboundText, PhoneCode, TextMessage, TextNumber, TextSubscription

__all__ = [
    "AlertDismissal",
    "AssistantAction",
    "Booking",
    "BookingEvent",
    "CannedReply",
    "Checkout",
    "Chef",
    "ChefTime",
    "Complaint",
    "Coupon",
    "CronRun",
    "Email",
    "EmailSuppression",
    "EmailTemplate",
    "FollowUp",
    "Handoff",
    "InboundEmail",
    "InboundText",
    "LedgerEntry",
    "LedgerPosting",
    "Mention",
    "Notification",
    "OpsBase",
    "Outbox",
    "Payment",
    "PaymentEvent",
    "PaymentNotice",
    "PhoneCode",
    "Quote",
    "Refund",
    "TextMessage",
    "TextNumber",
    "TextSubscription",
    "TranscriptRequest",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WorkerProcess",
]
