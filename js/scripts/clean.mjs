import { rmSync } from 'node:fs';

for (const folder of [
  'lib',
  '../src/nbtrail/labextension',
  '../src/nbtrail/widgets/static'
]) {
  rmSync(folder, { recursive: true, force: true });
}
