"""What a deal has in a fresh portal, and the default sales pipeline."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.state.properties import Group


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the pipeline with HubSpot's default chance of winning."""

    stage_id: str
    label: str
    probability: str

    @property
    def closed(self) -> bool:
        """Won or lost."""
        return self.probability in ("0.0", "1.0")


STAGES = (
    Stage("appointmentscheduled", "Appointment scheduled", "0.2"),
    Stage("qualifiedtobuy", "Qualified to buy", "0.4"),
    Stage("presentationscheduled", "Presentation scheduled", "0.6"),
    Stage("decisionmakerboughtin", "Decision maker bought-in", "0.8"),
    Stage("contractsent", "Contract sent", "0.9"),
    Stage("closedwon", "Closed won", "1.0"),
    Stage("closedlost", "Closed lost", "0.0"),
)
STAGE_BY_ID = {stage.stage_id: stage for stage in STAGES}

GROUPS = (Group("dealinformation", "Deal information", 0), Group("deal_activity", "Activity", 1))

ROWS = f"""
hs_object_id | Record ID | number/number | dealinformation | r
dealname | Deal name | string/text | dealinformation
amount | Amount | number/number | dealinformation
amount_in_home_currency | Amount in company currency | number/number | dealinformation | r
deal_currency_code | Currency | enumeration/select | dealinformation | | USD, EUR, GBP
dealstage | Deal stage | enumeration/radio | dealinformation | | {", ".join(f"{s.stage_id}={s.label}" for s in STAGES)}
pipeline | Pipeline | enumeration/select | dealinformation | | default=Sales Pipeline
dealtype | Deal type | enumeration/radio | dealinformation | | newbusiness=New business, existingbusiness=Existing business
createdate | Create date | datetime/date | dealinformation
closedate | Close date | datetime/date | dealinformation
hs_lastmodifieddate | Last modified date | datetime/date | dealinformation | r
description | Deal description | string/textarea | dealinformation
closed_won_reason | Closed won reason | string/textarea | dealinformation
closed_lost_reason | Closed lost reason | string/textarea | dealinformation
hubspot_owner_id | Deal owner | enumeration/select | dealinformation
hs_is_closed | Is deal closed? | bool/booleancheckbox | dealinformation | c
hs_is_closed_won | Is closed won | bool/booleancheckbox | dealinformation | c
hs_is_closed_lost | Is closed lost | bool/booleancheckbox | dealinformation | c
hs_deal_stage_probability | Deal probability | number/number | dealinformation | c
hs_closed_amount | Closed deal amount | number/number | dealinformation | c
hs_priority | Priority | enumeration/select | dealinformation | | low, medium, high
num_associated_contacts | Number of associated contacts | number/number | dealinformation | r
notes_last_contacted | Last contacted | datetime/date | deal_activity | r
notes_last_updated | Last activity date | datetime/date | deal_activity | r
num_notes | Number of sales activities | number/number | deal_activity | r
num_contacted_notes | Number of times contacted | number/number | deal_activity | r
hs_merged_object_ids | Merged record IDs | string/text | dealinformation | r
hs_created_by_user_id | Created by user ID | number/number | dealinformation | r
hs_updated_by_user_id | Updated by user ID | number/number | dealinformation | r
hs_object_source | Record source | string/text | dealinformation | r
hs_object_source_id | Record source ID | string/text | dealinformation | r
"""
