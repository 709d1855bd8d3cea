// Made from `backend/vocabulary.py` by `python -m backend.web.generated`. Do not edit.
export const CAUSES: Record<string, string> = {
  "event": "Change in HubSpot",
  "event_completed": "Completed with the AI",
  "provider_back": "Completed with the AI",
  "person": "Rescored by a person",
  "workflow": "HubSpot workflow",
  "backfill": "All leads scored",
  "decay": "Time passed",
  "reconciled": "Change found later in HubSpot",
  "replay": "Tried again",
  "restore": "Backup restored",
  "found": "Seen again in HubSpot",
  "confirmed_run": "Confirmed by a person",
  "pin": "Set by hand",
  "pin_ended": "No longer set by hand"
};

export const FLAGS: Record<string, { title: string; text: string; tone: 'warning' | 'info' }> = {
  "manipulation_suspected": {
    "title": "Text tries to influence the score",
    "text": "A message of this lead reads like instructions to a scoring system. It counts for nothing here; read it yourself before you act.",
    "tone": "warning"
  },
  "job_seeker": {
    "title": "Looks like a job applicant",
    "text": "A message of this contact reads like an application, not like interest in buying.",
    "tone": "info"
  },
  "complaint": {
    "title": "Complaint on record",
    "text": "A message of this contact reads like a complaint. Answer it before you sell anything.",
    "tone": "info"
  },
  "little_known": {
    "title": "Not enough data",
    "text": "Little is known about this lead, so the score may move a lot once more is filled in.",
    "tone": "info"
  },
  "embeddings_away": {
    "title": "Scored without similar clients",
    "text": "The comparison with your clients is not available right now. The score completes by itself.",
    "tone": "info"
  },
  "index_away": {
    "title": "Scored without similar clients",
    "text": "The comparison with your clients is not available right now. The score completes by itself.",
    "tone": "info"
  },
  "reader_away": {
    "title": "Messages not read yet",
    "text": "What this lead wrote does not count yet. The score completes by itself.",
    "tone": "info"
  },
  "analyst_away": {
    "title": "Scored without the AI analyst",
    "text": "The score rests on your data alone for now. It completes by itself.",
    "tone": "info"
  },
  "over_budget": {
    "title": "Today's AI budget is used up",
    "text": "The score rests on your data alone for now. It completes by itself when the budget is renewed or raised.",
    "tone": "info"
  },
  "reader_refused": {
    "title": "A message was not read",
    "text": "The AI will not read what this lead wrote, so it does not count. Read it yourself.",
    "tone": "info"
  },
  "analyst_refused": {
    "title": "Scored without the AI analyst",
    "text": "The AI will not judge this lead. The score rests on the facts you see here.",
    "tone": "info"
  }
};

export const GROUPS: Record<string, string> = {
  "profile": "profile",
  "engagement": "engagement",
  "history": "history",
  "model": "other facts",
  "text": "text",
  "analyst": "analyst",
  "portal": "portal average",
  "limit": "ends of the scale",
  "pin": "set by hand"
};

export const NEIGHBOURS: Record<string, string> = {
  "ideal_client": "Ideal client",
  "won": "Won",
  "lost": "Lost"
};
