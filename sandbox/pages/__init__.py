"""Plain pages for people: contacts, one contact's record, the fault panel."""
