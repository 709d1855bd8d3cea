import { config as hubspot } from '@hubspot/eslint-config-ui-extensions';
import tseslint from 'typescript-eslint';

export default [
  { ignores: ['**/node_modules', '**/dist', '**/.vite'] },
  ...tseslint.configs.strict,
  ...hubspot,
];
