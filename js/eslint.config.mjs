import js from '@eslint/js';
import jupyter from '@jupyter/eslint-plugin';
import prettierRecommended from 'eslint-plugin-prettier/recommended';
import { defineConfig } from 'eslint/config';
import globals from 'globals';
import tseslint from 'typescript-eslint';

/** Which folders the files of a folder may not import from: floors only go down, and the two front ends never meet. */
const FLOORS = {
  'src/shared/**': ['lab', 'widgets'],
  'src/widgets/**': ['lab'],
  'src/lab/api/**': ['widgets', 'model', 'views', 'jupyter'],
  'src/lab/model/**': ['widgets', 'views', 'jupyter'],
  'src/lab/views/**': ['widgets', 'jupyter'],
  'src/lab/jupyter/**': ['widgets'],
  'src/lab/*.ts': ['widgets']
};

const UPPER_LIBRARIES = {
  'src/shared/**': ['react', '@jupyterlab/*', '@lumino/*'],
  'src/widgets/**': ['react', '@jupyterlab/*', '@lumino/*'],
  'src/lab/model/**': ['react', '@jupyterlab/*', '@lumino/widgets']
};

function floorRule(folder) {
  const patterns = FLOORS[folder].map(upper => ({
    regex: `^\\.{1,2}/(.*/)?${upper}(/|$)`,
    message: `${folder} stands below or beside ${upper}.`
  }));
  const libraries = (UPPER_LIBRARIES[folder] ?? []).map(library => ({
    regex: `^${library.replace('*', '.*')}$`,
    message: `${folder} knows nothing of ${library}.`
  }));
  return {
    files: [`${folder}${folder.endsWith('**') ? '/*.{ts,tsx}' : ''}`],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [...patterns, ...libraries] }
      ]
    }
  };
}

export default defineConfig([
  { ignores: ['node_modules', 'lib', 'coverage', '**/*.d.ts'] },
  js.configs.recommended,
  tseslint.configs.recommended,
  { plugins: { jupyter } },
  ...jupyter.configs.recommended,
  {
    files: ['**/*.mjs', 'style/index.js'],
    languageOptions: { globals: globals.node }
  },
  {
    files: ['**/*.ts', '**/*.tsx'],
    languageOptions: {
      globals: globals.browser,
      parserOptions: { project: 'tsconfig.test.json', sourceType: 'module' }
    },
    rules: {
      '@typescript-eslint/naming-convention': [
        'error',
        {
          selector: 'interface',
          format: ['PascalCase'],
          custom: { regex: '^I[A-Z]', match: true }
        }
      ],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { args: 'none' }],
      curly: ['error', 'all'],
      eqeqeq: 'error',
      // One language for now: there is no catalogue to look texts up in.
      'jupyter/no-untranslated-string': 'off',
      // The whole front end is some 80 kB and its sidebar is there from the start.
      'jupyter/prefer-lazy-imports': 'off',
      'max-lines': ['error', 320],
      'prefer-arrow-callback': 'error'
    }
  },
  ...Object.keys(FLOORS).map(floorRule),
  prettierRecommended
]);
