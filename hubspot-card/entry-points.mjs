// What HubSpot would load, one bundle each.
export const ENTRY_POINTS = [
  'src/app/cards/LeadScoreCard.tsx',
  'src/app/cards/LeadHistoryTab.tsx',
  'src/app/cards/CompanyScoreCard.tsx',
  'src/app/cards/DealScoreCard.tsx',
  'src/app/cards/LeadRecordCard.tsx',
  'src/app/settings/SettingsPage.tsx',
  'src/app/pages/Pages.tsx',
];
