import { formatBytes } from '../../shared/numbers';
import type { IEnvironment, Json } from '../../shared/wire';

/** A machine in one line, such as `AMD EPYC 7763, 8 cores · 16 GB · Debian GNU/Linux 12`. */
export function machineText(hardware: IEnvironment['hardware']): string {
  const { cpu, cpu_count: count, cpu_limit: limit, os } = hardware;
  const cores = limit ?? count;
  const memory = hardware.memory_limit_bytes ?? hardware.memory_bytes;
  return [
    [cpu, cores && `${cores} cores`].filter(Boolean).join(', '),
    typeof memory === 'number' ? formatBytes(memory) : '',
    gpuText(hardware.gpus),
    os
  ]
    .filter(Boolean)
    .join(' · ');
}

/** `2 × Tesla T4, Tesla V100`. */
function gpuText(gpus: Json | undefined): string {
  const counts = new Map<string, number>();
  for (const gpu of Array.isArray(gpus) ? gpus : []) {
    if (gpu && typeof gpu === 'object' && !Array.isArray(gpu)) {
      const name = typeof gpu.name === 'string' ? gpu.name : 'GPU';
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return [...counts]
    .map(([name, count]) => (count > 1 ? `${count} × ${name}` : name))
    .join(', ');
}
