"""What calls, emails, meetings, notes and tasks have (ref 5.6)."""

from __future__ import annotations

from sandbox.state.properties import Group

GROUP = Group("engagement", "Engagement information", 0)

_COMMON = """
hs_object_id | Record ID | number/number | engagement | r
hs_timestamp | Activity date | datetime/date | engagement
hs_createdate | Create date | datetime/date | engagement | r
hs_lastmodifieddate | Last modified date | datetime/date | engagement | r
hubspot_owner_id | Activity assigned to | enumeration/select | engagement
hs_attachment_ids | Attached file IDs | string/text | engagement
hs_body_preview | Body preview | string/text | engagement | r
hs_unique_creation_key | Unique creation key | string/text | engagement | r
hs_merged_object_ids | Merged record IDs | string/text | engagement | r
hs_created_by_user_id | Created by user ID | number/number | engagement | r
hs_updated_by_user_id | Updated by user ID | number/number | engagement | r
hs_object_source | Record source | string/text | engagement | r
hs_object_source_id | Record source ID | string/text | engagement | r
"""

ROWS = {
    "tasks": _COMMON
    + """
hs_task_subject | Task title | string/text | engagement
hs_task_body | Task notes | string/html | engagement
hs_task_status | Task status | enumeration/select | engagement | | NOT_STARTED, IN_PROGRESS, WAITING, DEFERRED, COMPLETED
hs_task_priority | Priority | enumeration/select | engagement | | NONE, LOW, MEDIUM, HIGH
hs_task_type | Task type | enumeration/select | engagement | | TODO=To-do, CALL, EMAIL, LINKED_IN
hs_task_reminders | Reminders | string/text | engagement
hs_task_completion_date | Completed at | datetime/date | engagement
hs_task_is_completed | Is completed | number/number | engagement | c
hs_queue_membership_ids | Task queues | string/text | engagement
""",
    "notes": _COMMON
    + """
hs_note_body | Note body | string/html | engagement
""",
    "calls": _COMMON
    + """
hs_call_title | Call title | string/text | engagement
hs_call_body | Call notes | string/html | engagement
hs_call_direction | Call direction | enumeration/select | engagement | | INBOUND, OUTBOUND
hs_call_status | Call status | enumeration/select | engagement | | BUSY, CALLING_CRM_USER, CANCELED, COMPLETED, CONNECTING, FAILED, IN_PROGRESS, MISSED, NO_ANSWER, QUEUED, RINGING
hs_call_duration | Call duration (ms) | number/number | engagement
hs_call_disposition | Call outcome | string/text | engagement
hs_call_from_number | From number | string/text | engagement
hs_call_to_number | To number | string/text | engagement
hs_call_source | Call source | string/text | engagement
""",
    "meetings": _COMMON
    + """
hs_meeting_title | Meeting name | string/text | engagement
hs_meeting_body | Meeting description | string/html | engagement
hs_internal_meeting_notes | Internal meeting notes | string/html | engagement
hs_meeting_external_url | Meeting link | string/text | engagement
hs_meeting_location | Meeting location | string/text | engagement
hs_meeting_start_time | Meeting start time | datetime/date | engagement
hs_meeting_end_time | Meeting end time | datetime/date | engagement
hs_meeting_outcome | Meeting outcome | enumeration/select | engagement | | SCHEDULED, COMPLETED, RESCHEDULED, NO_SHOW, CANCELED
""",
    "emails": _COMMON
    + """
hs_email_direction | Email direction | enumeration/select | engagement | | EMAIL=Outgoing email, INCOMING_EMAIL=Incoming email, FORWARDED_EMAIL=Forwarded email
hs_email_status | Email send status | enumeration/select | engagement | | SENT, SENDING, SCHEDULED, FAILED, BOUNCED
hs_email_subject | Email subject | string/text | engagement
hs_email_text | Email body text | string/textarea | engagement
hs_email_html | Email body HTML | string/html | engagement
hs_email_headers | Email headers | string/text | engagement
hs_email_from_email | Email from address | string/text | engagement
hs_email_to_email | Email to address | string/text | engagement
hs_email_open_count | Number of email opens | number/number | engagement | r
hs_email_click_count | Number of email clicks | number/number | engagement | r
hs_email_reply_count | Number of email replies | number/number | engagement | r
""",
}
