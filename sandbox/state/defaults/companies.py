"""What a company has in a fresh portal; industries are HubSpot's own enumeration."""

from __future__ import annotations

from sandbox.state.defaults.contacts import LEAD_STATUSES, SOURCES, STAGES
from sandbox.state.properties import Group

GROUPS = (
    Group("companyinformation", "Company information", 0),
    Group("analyticsinformation", "Web analytics history", 1),
    Group("sales_properties", "Sales properties", 2),
    Group("companyactivity", "Company activity", 3),
)

INDUSTRIES = (
    "ACCOUNTING AIRLINES_AVIATION ALTERNATIVE_DISPUTE_RESOLUTION ALTERNATIVE_MEDICINE ANIMATION "
    "APPAREL_FASHION ARCHITECTURE_PLANNING ARTS_AND_CRAFTS AUTOMOTIVE AVIATION_AEROSPACE BANKING "
    "BIOTECHNOLOGY BROADCAST_MEDIA BUILDING_MATERIALS BUSINESS_SUPPLIES_AND_EQUIPMENT "
    "CAPITAL_MARKETS CHEMICALS CIVIC_SOCIAL_ORGANIZATION CIVIL_ENGINEERING COMMERCIAL_REAL_ESTATE "
    "COMPUTER_NETWORK_SECURITY COMPUTER_GAMES COMPUTER_HARDWARE COMPUTER_NETWORKING "
    "COMPUTER_SOFTWARE INTERNET CONSTRUCTION CONSUMER_ELECTRONICS CONSUMER_GOODS "
    "CONSUMER_SERVICES COSMETICS DAIRY DEFENSE_SPACE DESIGN EDUCATION_MANAGEMENT E_LEARNING "
    "ELECTRICAL_ELECTRONIC_MANUFACTURING ENTERTAINMENT ENVIRONMENTAL_SERVICES EVENTS_SERVICES "
    "EXECUTIVE_OFFICE FACILITIES_SERVICES FARMING FINANCIAL_SERVICES FINE_ART FISHERY "
    "FOOD_BEVERAGES FOOD_PRODUCTION FUND_RAISING FURNITURE GAMBLING_CASINOS "
    "GLASS_CERAMICS_CONCRETE GOVERNMENT_ADMINISTRATION GOVERNMENT_RELATIONS GRAPHIC_DESIGN "
    "HEALTH_WELLNESS_AND_FITNESS HIGHER_EDUCATION HOSPITAL_HEALTH_CARE HOSPITALITY "
    "HUMAN_RESOURCES IMPORT_AND_EXPORT INDIVIDUAL_FAMILY_SERVICES INDUSTRIAL_AUTOMATION "
    "INFORMATION_SERVICES INFORMATION_TECHNOLOGY_AND_SERVICES INSURANCE INTERNATIONAL_AFFAIRS "
    "INTERNATIONAL_TRADE_AND_DEVELOPMENT INVESTMENT_BANKING INVESTMENT_MANAGEMENT JUDICIARY "
    "LAW_ENFORCEMENT LAW_PRACTICE LEGAL_SERVICES LEGISLATIVE_OFFICE LEISURE_TRAVEL_TOURISM "
    "LIBRARIES LOGISTICS_AND_SUPPLY_CHAIN LUXURY_GOODS_JEWELRY MACHINERY MANAGEMENT_CONSULTING "
    "MARITIME MARKET_RESEARCH MARKETING_AND_ADVERTISING MECHANICAL_OR_INDUSTRIAL_ENGINEERING "
    "MEDIA_PRODUCTION MEDICAL_DEVICES MEDICAL_PRACTICE MENTAL_HEALTH_CARE MILITARY MINING_METALS "
    "MOTION_PICTURES_AND_FILM MUSEUMS_AND_INSTITUTIONS MUSIC NANOTECHNOLOGY NEWSPAPERS "
    "NON_PROFIT_ORGANIZATION_MANAGEMENT OIL_ENERGY ONLINE_MEDIA OUTSOURCING_OFFSHORING "
    "PACKAGE_FREIGHT_DELIVERY PACKAGING_AND_CONTAINERS PAPER_FOREST_PRODUCTS PERFORMING_ARTS "
    "PHARMACEUTICALS PHILANTHROPY PHOTOGRAPHY PLASTICS POLITICAL_ORGANIZATION "
    "PRIMARY_SECONDARY_EDUCATION PRINTING PROFESSIONAL_TRAINING_COACHING PROGRAM_DEVELOPMENT "
    "PUBLIC_POLICY PUBLIC_RELATIONS_AND_COMMUNICATIONS PUBLIC_SAFETY PUBLISHING "
    "RAILROAD_MANUFACTURE RANCHING REAL_ESTATE RECREATIONAL_FACILITIES_AND_SERVICES "
    "RELIGIOUS_INSTITUTIONS RENEWABLES_ENVIRONMENT RESEARCH RESTAURANTS RETAIL "
    "SECURITY_AND_INVESTIGATIONS SEMICONDUCTORS SHIPBUILDING SPORTING_GOODS SPORTS "
    "STAFFING_AND_RECRUITING SUPERMARKETS TELECOMMUNICATIONS TEXTILES THINK_TANKS TOBACCO "
    "TRANSLATION_AND_LOCALIZATION TRANSPORTATION_TRUCKING_RAILROAD UTILITIES "
    "VENTURE_CAPITAL_PRIVATE_EQUITY VETERINARY WAREHOUSING WHOLESALE WINE_AND_SPIRITS WIRELESS "
    "WRITING_AND_EDITING MOBILE_GAMES"
).split()

ROWS = f"""
hs_object_id | Record ID | number/number | companyinformation | r
name | Company name | string/text | companyinformation
domain | Company domain name | string/text | companyinformation
website | Website URL | string/text | companyinformation
industry | Industry | enumeration/select | companyinformation | | {", ".join(INDUSTRIES)}
numberofemployees | Number of employees | number/number | companyinformation
annualrevenue | Annual revenue | number/number | companyinformation
phone | Phone number | string/phonenumber | companyinformation
address | Street address | string/text | companyinformation
city | City | string/text | companyinformation
state | State/Region | string/text | companyinformation
zip | Postal code | string/text | companyinformation
country | Country/Region | string/text | companyinformation
timezone | Time zone | string/text | companyinformation
description | Description | string/textarea | companyinformation
about_us | About us | string/textarea | companyinformation
founded_year | Year founded | string/text | companyinformation
is_public | Is public | bool/booleancheckbox | companyinformation
linkedin_company_page | LinkedIn company page | string/text | companyinformation
web_technologies | Web technologies | enumeration/checkbox | companyinformation | | salesforce, marketo, hubspot, shopify, wordpress, google_analytics, google_tag_manager, stripe, zendesk, intercom, aws=Amazon Web Services, azure=Microsoft Azure, google_cloud=Google Cloud, react=React, sap=SAP, oracle, microsoft_dynamics, netsuite, snowflake, segment, magento, drupal, cloudflare, slack, kubernetes, docker
type | Type | enumeration/select | companyinformation | | PROSPECT, PARTNER, RESELLER, VENDOR, OTHER
createdate | Create date | datetime/date | companyinformation | r
hs_lastmodifieddate | Last modified date | datetime/date | companyinformation | r
lifecyclestage | Lifecycle stage | enumeration/radio | companyinformation | | {STAGES}
hs_lead_status | Lead status | enumeration/radio | sales_properties | | {LEAD_STATUSES}
hubspot_owner_id | Company owner | enumeration/select | sales_properties
hs_analytics_source | Original traffic source | enumeration/select | analyticsinformation | r | {SOURCES}
hs_analytics_num_page_views | Number of page views | number/number | analyticsinformation | r
num_associated_contacts | Number of associated contacts | number/number | companyinformation | r
num_associated_deals | Number of associated deals | number/number | companyinformation | r
hs_num_open_deals | Number of open deals | number/number | companyinformation | r
notes_last_contacted | Last contacted | datetime/date | companyactivity | r
notes_last_updated | Last activity date | datetime/date | companyactivity | r
num_notes | Number of sales activities | number/number | companyactivity | r
num_contacted_notes | Number of times contacted | number/number | companyactivity | r
total_revenue | Total revenue | number/number | companyinformation | r
recent_deal_amount | Recent deal amount | number/number | companyinformation | r
hs_merged_object_ids | Merged record IDs | string/text | companyinformation | r
hs_parent_company_id | Parent company | number/number | companyinformation
hs_target_account | Target account | bool/booleancheckbox | companyinformation
hs_ideal_customer_profile | Ideal customer profile tier | enumeration/select | companyinformation | | tier_1=Tier 1, tier_2=Tier 2, tier_3=Tier 3
hs_created_by_user_id | Created by user ID | number/number | companyinformation | r
hs_updated_by_user_id | Updated by user ID | number/number | companyinformation | r
hs_object_source | Record source | string/text | companyinformation | r
hs_object_source_id | Record source ID | string/text | companyinformation | r
"""
