"""Words to invent companies and people from. None of them is real; domains cannot exist."""

from __future__ import annotations


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST_NAMES = _words(
    "Ada Alma Amir Anika Arjun Bea Bruno Carla Chen Clara Dario Dina Edda Elio Emre Esra Farid "
    "Fiona Gita Hanna Hugo Ida Imre Ines Ivo Jana Jonas Jun Kaia Karim Lars Leila Lena Lino Luca "
    "Maja Malik Mara Mei Mila Nadia Nils Nora Olga Omar Orla Pablo Petra Priya Rafael Rana Remo "
    "Rosa Sami Sana Selma Sven Tariq Tessa Theo Tilda Uma Vera Viktor Wanda Xenia Yara Yusuf Zoe"
)
LAST_NAMES = _words(
    "Abendroth Almqvist Arkwell Barrowby Belmonte Birkhold Castagno Corvin Dalgaard Delacroft "
    "Dunmoor Eastlake Ekberg Fairholt Fenwright Fioravanti Galbrech Greywater Haldorsen Hartwell "
    "Hollis Ibarrola Ironsmith Jakoby Kallweit Kestrel Kirkbride Lindqvall Lockridge Lorentzen "
    "Marchetti Merriwick Montclare Nakagiri Northam Oakridge Okonjo Ostrander Pellegrin Penhallow "
    "Quillon Rademark Ravensby Rosenthaler Saltmarsh Sandoval Silvermoor Stavanger Strandberg "
    "Tavener Thornbury Underhill Vanterpool Venkatesh Wallingford Westerly Wexcombe Yamazato Zeller"
)
NAME_HEADS = _words(
    "Amber Arc Aster Beacon Birch Blue Bright Cedar Clear Cobalt Copper Crest Delta Drift Ember "
    "Fern Flint Forge Frost Gold Granite Harbor Haven Hazel Iron Juniper Kite Lark Linden Lumen "
    "Maple Meadow Mint North Nova Oak Onyx Opal Orchard Pebble Pine Quartz Raven Ridge River Rook "
    "Sable Silver Slate Solar Spruce Stone Summit Swift Tern Thistle Tide Timber Vale Vista Willow"
)
NAME_TAILS = {
    "LOGISTICS_AND_SUPPLY_CHAIN": _words("Freight Cargo Logistics Supply Haulage"),
    "COMPUTER_SOFTWARE": _words("Software Labs Apps Systems Cloud"),
    "INFORMATION_TECHNOLOGY_AND_SERVICES": _words("Tech IT Networks Digital Data"),
    "FINANCIAL_SERVICES": _words("Capital Finance Lending Payments Wealth"),
    "HOSPITAL_HEALTH_CARE": _words("Health Clinics Care Medical Wellness"),
    "MACHINERY": _words("Machines Works Tooling Engineering Motion"),
    "RETAIL": _words("Stores Market Retail Goods Outlet"),
    "MARKETING_AND_ADVERTISING": _words("Media Agency Creative Brands Studio"),
    "EDUCATION_MANAGEMENT": _words("Academy Learning School Institute Campus"),
    "CONSTRUCTION": _words("Builders Construction Structures Sites Concrete"),
    "NON_PROFIT_ORGANIZATION_MANAGEMENT": _words("Foundation Trust Alliance Relief Fund"),
    "HOSPITALITY": _words("Hotels Resorts Stays Inns Catering"),
}
INDUSTRIES = tuple(NAME_TAILS)
BUSINESS = {
    "LOGISTICS_AND_SUPPLY_CHAIN": "moves goods for manufacturers and shops",
    "COMPUTER_SOFTWARE": "builds software for business teams",
    "INFORMATION_TECHNOLOGY_AND_SERVICES": "runs networks and systems for its clients",
    "FINANCIAL_SERVICES": "lends to and insures small firms",
    "HOSPITAL_HEALTH_CARE": "runs clinics and care homes",
    "MACHINERY": "makes machines for factories",
    "RETAIL": "sells household goods in its shops and online",
    "MARKETING_AND_ADVERTISING": "plans campaigns for consumer brands",
    "EDUCATION_MANAGEMENT": "trains adults and school leavers",
    "CONSTRUCTION": "builds offices, halls and roads",
    "NON_PROFIT_ORGANIZATION_MANAGEMENT": "raises money for local projects",
    "HOSPITALITY": "runs hotels and kitchens",
}
# country → (region, cities with state, spellings met in the wild)
PLACES: dict[str, tuple[str, tuple[tuple[str, str], ...], tuple[str, ...]]] = {
    "United States": (
        "americas",
        (("Austin", "TX"), ("Denver", "CO"), ("Boston", "MA"), ("Columbus", "OH")),
        ("USA", "U.S.", "US", "united states"),
    ),
    "Canada": ("americas", (("Toronto", "ON"), ("Calgary", "AB")), ("CA", "canada")),
    "United Kingdom": ("europe", (("Leeds", ""), ("Bristol", "")), ("UK", "England", "GB")),
    "Germany": ("europe", (("Bremen", ""), ("Leipzig", "")), ("Deutschland", "DE", "germany")),
    "Netherlands": ("europe", (("Utrecht", ""), ("Breda", "")), ("NL", "The Netherlands")),
    "France": ("europe", (("Lyon", ""), ("Nantes", "")), ("FR", "france")),
    "Brazil": ("latam", (("Curitiba", "PR"), ("Recife", "PE")), ("Brasil", "BR")),
    "India": ("asia", (("Pune", "MH"), ("Kochi", "KL")), ("IN", "india")),
    "Australia": ("asia", (("Perth", "WA"), ("Hobart", "TAS")), ("AU", "australia")),
}
TECHNOLOGIES = {
    "salesforce": ("Salesforce", "salesforce.com", "SFDC"),
    "hubspot": ("HubSpot", "Hubspot"),
    "aws": ("AWS", "Amazon Web Services", "amazon aws"),
    "azure": ("Azure", "Microsoft Azure", "MS Azure"),
    "google_cloud": ("Google Cloud", "GCP"),
    "sap": ("SAP", "SAP ERP"),
    "netsuite": ("NetSuite", "Netsuite", "Oracle NetSuite"),
    "shopify": ("Shopify",),
    "wordpress": ("WordPress", "Wordpress"),
    "zendesk": ("Zendesk",),
    "stripe": ("Stripe",),
    "snowflake": ("Snowflake",),
    "kubernetes": ("Kubernetes", "k8s"),
    "react": ("React", "ReactJS"),
    "magento": ("Magento",),
    "oracle": ("Oracle",),
    "slack": ("Slack",),
}
SENIORITIES = {
    "owner": ("Owner", "Founder", "Co-Founder", "Managing Director"),
    "executive": ("CEO", "COO", "Chief Operating Officer", "CTO", "CFO"),
    "vp": ("VP {0}", "Vice President {0}", "SVP {0}"),
    "director": ("Director of {0}", "{0} Director", "Head of {0}"),
    "manager": ("{0} Manager", "Sr. {0} Manager", "Team Lead {0}"),
    "individual": ("{0} Specialist", "{0} Analyst", "{0} Coordinator"),
    "entry": ("{0} Intern", "Student", "{0} Assistant"),
}
DEPARTMENTS = (
    "Operations",
    "Sales",
    "Marketing",
    "IT",
    "Finance",
    "Procurement",
    "HR",
    "Supply Chain",
)
FREE_MAIL = ("freemail.example", "postbox.example")
MESSAGES = {
    "hot": (
        "We need a solution before the end of the quarter. Can you send prices for {n} users?",
        "Our budget is approved. Please call me this week to set up a demo.",
        "We are comparing you with two others and want to decide this month.",
    ),
    "warm": (
        "Could you tell me more about how this works with {tech}?",
        "Looking for ideas for next year. Is there a brochure?",
        "Does this work for a company of our size?",
    ),
    "cold": (
        "I am a student writing a thesis about this market.",
        "Please take me off your list.",
        "I would like to apply for a job at your company.",
        "hi",
    ),
}
BUDGETS = ("under_10k", "10k_50k", "50k_100k", "100k_250k", "over_250k")
LOST_REASONS = ("Price", "No budget", "Chose a competitor", "No decision", "Missing feature")
