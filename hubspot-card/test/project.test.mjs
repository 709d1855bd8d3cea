// HubSpot's own parser reads the project. Its schemas live behind an account, so that the shapes
// of component configs are checked against ours here and against HubSpot's on upload.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { getProjectMetadata, parseProjectConfig } from '@hubspot/project-parsing-lib/projects';
import { translate } from '@hubspot/project-parsing-lib/translate';
import { LATEST_SUPPORTED_PLATFORM_VERSION } from '@hubspot/project-parsing-lib/constants';
import { describe, expect, it } from 'vitest';
import { ENTRY_POINTS } from '../entry-points.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const SRC = `${ROOT}/src`;
const PROFILE = 'example';

async function translated() {
  const context = {
    projectSourceDir: SRC,
    platformVersion: JSON.parse(readFileSync(`${ROOT}/hsproject.json`, 'utf8')).platformVersion,
    accountId: 1234567,
  };
  return translate(context, { skipValidation: true, profile: PROFILE });
}

function components(node) {
  return Object.values(node.intermediateRepresentation.intermediateNodesIndexedByUid);
}

describe('the project', () => {
  it('is one the parser knows, on the newest platform version it supports', async () => {
    const found = await parseProjectConfig(ROOT);
    expect(found.projectConfig ?? found).toMatchObject({ name: 'leadlight', srcDir: 'src' });
    const { platformVersion } = JSON.parse(readFileSync(`${ROOT}/hsproject.json`, 'utf8'));
    expect(platformVersion).toBe('2026.03');
    if (LATEST_SUPPORTED_PLATFORM_VERSION !== undefined) {
      expect(platformVersion).toBe(LATEST_SUPPORTED_PLATFORM_VERSION);
    }
  });

  it('has every component in its place and none that HubSpot would skip', async () => {
    const metadata = await getProjectMetadata(SRC);
    const found = await translated();
    expect(metadata.hsMetaFiles).toHaveLength(12);
    expect(components(found).map((node) => node.uid).sort()).toEqual([
      'best_leads_tool',
      'company_score_card',
      'deal_score_card',
      'explain_lead_score_tool',
      'lead_history_tab',
      'lead_record_card',
      'lead_score_card',
      'leadlight_app',
      'leadlight_pages',
      'leadlight_settings',
      'leadlight_webhooks',
      'score_lead_action',
    ]);
    expect(found.skippedHsMetaFiles).toEqual([]);
  });

  it('leaves no profile variable unresolved', async () => {
    expect(JSON.stringify(components(await translated()).map((node) => node.config))).not.toContain('${');
  });

  it('names entry points that exist and are built', async () => {
    const named = components(await translated())
      .map((node) => node.config.entrypoint)
      .filter(Boolean);
    expect(named.map((entry) => `src${entry}`).sort()).toEqual([...ENTRY_POINTS].sort());
    expect(named.filter((entry) => !existsSync(SRC + entry))).toEqual([]);
  });

  it('pins the packages HubSpot installs to those tested here', () => {
    const read = (path) => JSON.parse(readFileSync(`${ROOT}/${path}`, 'utf8')).dependencies;
    expect(read('src/app/cards/package.json')).toEqual(read('package.json'));
    expect(read('src/app/settings/package.json')).toEqual(read('package.json'));
    expect(read('src/app/pages/package.json')).toEqual(read('package.json'));
  });
});
