import { readdirSync } from 'node:fs';
import { URL } from 'node:url';
import js from '@eslint/js';
import hooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/** Layers from the bottom up: a layer imports from those before it. No feature imports another. */
const layers = ['lib', 'components', 'api', 'stream', 'charting', 'features', 'app'];
const features = readdirSync(new URL('./src/features', import.meta.url));

const forbid = (files, patterns) => ({
  files,
  ignores: ['**/*.test.{ts,tsx}'],
  rules: { 'no-restricted-imports': ['error', { patterns }] },
});
const upwards = { group: ['../*'], message: 'Import from another folder through "@/".' };

const layerZones = layers.map((layer, index) => {
  const above = layers.slice(index + 1).map((name) => `@/${name}/*`);
  const patterns = above.length ? [upwards, { group: above, message: `${layer} is below this layer.` }] : [upwards];
  return forbid([`src/${layer}/**/*.{ts,tsx}`], patterns);
});

const featureZones = features.map((feature) => {
  const others = features.filter((name) => name !== feature).map((name) => `@/features/${name}/*`);
  return forbid(
    [`src/features/${feature}/**/*.{ts,tsx}`],
    [upwards, { group: ['@/app/*'], message: 'app is above this layer.' },
      ...(others.length ? [{ group: others, message: 'No feature imports another.' }] : [])],
  );
});

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'src/api/generated'] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  {
    files: ['src/**/*.{ts,tsx}', 'testing/**/*.ts'],
    plugins: { 'react-hooks': hooks },
    rules: {
      ...hooks.configs.recommended.rules,
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      'max-lines': ['error', { max: 250 }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportAllDeclaration', message: 'No barrels: import from the file that defines it.' },
      ],
    },
  },
  { files: ['public/*.js'], languageOptions: { globals: { document: 'readonly', localStorage: 'readonly', matchMedia: 'readonly' } } },
  ...layerZones,
  ...featureZones,
);
