import { build } from 'esbuild';

const WIDGETS = ['live_card', 'runs_table'];

await build({
  entryPoints: WIDGETS.flatMap(name => [
    `src/widgets/${name}.ts`,
    `src/widgets/${name}.css`
  ]),
  outdir: '../src/nbtrail/widgets/static',
  bundle: true,
  format: 'esm',
  minify: true,
  target: 'es2022',
  logLevel: 'warning'
});
