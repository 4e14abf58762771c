import { describe, expect, test } from 'vitest';
import { machineText } from '../src/lab/model/machine-text';
import type { IRunDetails } from '../src/shared/wire';
import { golden } from './golden';

describe('the machine in the details of a run', () => {
  test('is said in one line', () => {
    const { hardware } = golden<IRunDetails>('run_details').environment!;

    expect(machineText(hardware)).toBe(
      'AMD EPYC 7763, 8 cores · 16 GB · Debian GNU/Linux 12'
    );
  });

  test('is what a container allows, with its GPUs counted', () => {
    const t4 = { name: 'Tesla T4', memory_bytes: 16e9 };

    expect(
      machineText({
        cpu_count: 64,
        cpu_limit: 2.5,
        memory_bytes: 256e9,
        memory_limit_bytes: 8e9,
        gpus: [t4, t4]
      })
    ).toBe('2.5 cores · 8 GB · 2 × Tesla T4');
  });

  test('is nothing where nothing is known', () => {
    expect(machineText({})).toBe('');
  });
});
