"""A small workflow engine: enrolment by property or list, custom actions with callbacks."""
