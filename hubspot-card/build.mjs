// HubSpot's own production build, once per entry point: dist/<Name>.js, as HubSpot would serve it.
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { remoteBuild } from '@hubspot/ui-extensions-dev-server/build';
import { ENTRY_POINTS } from './entry-points.mjs';

const root = fileURLToPath(new URL('.', import.meta.url)).replace(/\/$/, '');
const BUNDLE_MAX_BYTES = 60_000;

await rm(`${root}/dist`, { recursive: true, force: true });
await mkdir(`${root}/dist`, { recursive: true });
for (const entryPoint of ENTRY_POINTS) {
  const name = entryPoint.split('/').pop().replace('.tsx', '');
  const outputDir = `${root}/dist/${name}`;
  await remoteBuild({ root, entryPoint: `${root}/${entryPoint}`, outputDir, logLevel: 'warn' });
  const bundle = (await readdir(outputDir)).find((file) => file.endsWith('.js'));
  const { size } = await stat(`${outputDir}/${bundle}`);
  console.log(`${name}: ${(size / 1000).toFixed(1)} kB`);
  if (size > BUNDLE_MAX_BYTES) {
    throw new Error(`${name} is larger than ${BUNDLE_MAX_BYTES / 1000} kB`);
  }
}
