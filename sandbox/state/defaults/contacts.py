"""What a contact has in a fresh portal."""

from __future__ import annotations

from sandbox.state.properties import Group

GROUPS = (
    Group("contactinformation", "Contact information", 0),
    Group("analyticsinformation", "Web analytics history", 1),
    Group("emailinformation", "Email information", 2),
    Group("conversioninformation", "Conversion information", 3),
    Group("sales_properties", "Sales properties", 4),
    Group("contact_activity", "Contact activity", 5),
    Group("deal_information", "Deal information", 6),
)

SOURCES = (
    "ORGANIC_SEARCH=Organic search, PAID_SEARCH=Paid search, EMAIL_MARKETING=Email marketing, "
    "SOCIAL_MEDIA=Organic social, REFERRALS=Referrals, OTHER_CAMPAIGNS=Other campaigns, "
    "DIRECT_TRAFFIC=Direct traffic, OFFLINE=Offline sources, PAID_SOCIAL=Paid social, "
    "AI_REFERRALS=AI referrals"
)
STAGES = (
    "subscriber, lead, marketingqualifiedlead=Marketing qualified lead, "
    "salesqualifiedlead=Sales qualified lead, opportunity, customer, evangelist, other"
)
LEAD_STATUSES = (
    "NEW, OPEN, IN_PROGRESS, OPEN_DEAL, UNQUALIFIED, ATTEMPTED_TO_CONTACT, CONNECTED, BAD_TIMING"
)

ROWS = f"""
hs_object_id | Record ID | number/number | contactinformation | r
email | Email | string/text | contactinformation | u
firstname | First name | string/text | contactinformation
lastname | Last name | string/text | contactinformation
jobtitle | Job title | string/text | contactinformation
job_function | Job function | string/text | contactinformation
seniority | Seniority | string/text | contactinformation
company | Company name | string/text | contactinformation
website | Website URL | string/text | contactinformation
industry | Industry | string/text | contactinformation
numemployees | Number of employees | string/text | contactinformation
annualrevenue | Annual revenue | string/text | contactinformation
phone | Phone number | string/phonenumber | contactinformation
mobilephone | Mobile phone number | string/phonenumber | contactinformation
address | Street address | string/text | contactinformation
city | City | string/text | contactinformation
state | State/Region | string/text | contactinformation
zip | Postal code | string/text | contactinformation
country | Country/Region | string/text | contactinformation
hs_timezone | Time zone | string/text | contactinformation
hs_language | Preferred language | string/text | contactinformation
message | Message | string/textarea | contactinformation
createdate | Create date | datetime/date | contactinformation | r
lastmodifieddate | Last modified date | datetime/date | contactinformation | r
associatedcompanyid | Primary associated company ID | number/number | contactinformation | r
lifecyclestage | Lifecycle stage | enumeration/radio | contactinformation | | {STAGES}
hs_lead_status | Lead status | enumeration/radio | sales_properties | | {LEAD_STATUSES}
hubspot_owner_id | Contact owner | enumeration/select | sales_properties
hubspot_owner_assigneddate | Owner assigned date | datetime/date | sales_properties | r
hs_buying_role | Buying role | enumeration/checkbox | sales_properties | | BLOCKER, BUDGET_HOLDER, CHAMPION, DECISION_MAKER, END_USER, EXECUTIVE_SPONSOR, INFLUENCER, LEGAL_AND_COMPLIANCE, OTHER
hs_analytics_source | Original traffic source | enumeration/select | analyticsinformation | r | {SOURCES}
hs_latest_source | Latest traffic source | enumeration/select | analyticsinformation | r | {SOURCES}
hs_analytics_num_page_views | Number of page views | number/number | analyticsinformation | r
hs_analytics_num_visits | Number of sessions | number/number | analyticsinformation | r
hs_analytics_num_event_completions | Number of event completions | number/number | analyticsinformation | r
hs_analytics_first_timestamp | Time first seen | datetime/date | analyticsinformation | r
hs_analytics_last_timestamp | Time last seen | datetime/date | analyticsinformation | r
hs_analytics_last_visit_timestamp | Time of last session | datetime/date | analyticsinformation | r
hs_email_open | Marketing emails opened | number/number | emailinformation | r
hs_email_click | Marketing emails clicked | number/number | emailinformation | r
hs_email_delivered | Marketing emails delivered | number/number | emailinformation | r
hs_email_bounce | Marketing emails bounced | number/number | emailinformation | r
hs_email_replied | Marketing emails replied | number/number | emailinformation | r
hs_email_last_open_date | Last marketing email open date | datetime/date | emailinformation | r
hs_email_last_click_date | Last marketing email click date | datetime/date | emailinformation | r
hs_email_last_reply_date | Last marketing email reply date | datetime/date | emailinformation | r
hs_email_last_send_date | Last marketing email send date | datetime/date | emailinformation | r
hs_email_optout | Unsubscribed from all email | bool/booleancheckbox | emailinformation
hs_email_hard_bounce_reason_enum | Email hard bounce reason | enumeration/select | emailinformation | r | OTHER, UNKNOWN_USER, MAILBOX_FULL, CONTENT, SPAM, POLICY
hs_sales_email_last_opened | Recent sales email opened date | datetime/date | contact_activity | r
hs_sales_email_last_clicked | Recent sales email clicked date | datetime/date | contact_activity | r
hs_sales_email_last_replied | Recent sales email replied date | datetime/date | contact_activity | r
num_conversion_events | Number of form submissions | number/number | conversioninformation | r
num_unique_conversion_events | Number of unique forms submitted | number/number | conversioninformation | r
recent_conversion_date | Recent conversion date | datetime/date | conversioninformation | r
recent_conversion_event_name | Recent conversion | string/text | conversioninformation | r
first_conversion_date | First conversion date | datetime/date | conversioninformation | r
first_conversion_event_name | First conversion | string/text | conversioninformation | r
num_notes | Number of sales activities | number/number | contact_activity | r
num_contacted_notes | Number of times contacted | number/number | contact_activity | r
notes_last_contacted | Last contacted | datetime/date | contact_activity | r
notes_last_updated | Last activity date | datetime/date | contact_activity | r
notes_next_activity_date | Next activity date | datetime/date | contact_activity | r
hs_last_sales_activity_timestamp | Last engagement date | datetime/date | contact_activity | r
hs_sa_first_engagement_date | Date of first engagement | datetime/date | contact_activity | r
num_associated_deals | Number of associated deals | number/number | deal_information | r
first_deal_created_date | First deal created date | datetime/date | deal_information | r
recent_deal_amount | Recent deal amount | number/number | deal_information | r
recent_deal_close_date | Recent deal close date | datetime/date | deal_information | r
hs_lifecyclestage_lead_date | Date entered lead | datetime/date | contactinformation
hs_lifecyclestage_opportunity_date | Date entered opportunity | datetime/date | contactinformation
hs_lifecyclestage_customer_date | Date entered customer | datetime/date | contactinformation
hs_merged_object_ids | Merged record IDs | string/text | contactinformation | r
hs_calculated_merged_vids | Merged vids | string/text | contactinformation | r
hs_additional_emails | Additional email addresses | string/text | contactinformation
hs_marketable_status | Marketing contact status | enumeration/select | contactinformation | r | true=Marketing contact, false=Non-marketing contact
hs_legal_basis | Legal basis for processing | enumeration/checkbox | contactinformation | | Legitimate interest – prospect/lead, Freely given consent from contact, Not applicable
hs_is_unworked | Contact unworked | bool/booleancheckbox | contactinformation | r
hs_all_owner_ids | All owner ids | string/text | sales_properties | r
hs_created_by_user_id | Created by user ID | number/number | contactinformation | r
hs_updated_by_user_id | Updated by user ID | number/number | contactinformation | r
hs_object_source | Record source | string/text | contactinformation | r
hs_object_source_id | Record source ID | string/text | contactinformation | r
"""
