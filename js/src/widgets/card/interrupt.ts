import { askServer } from './page';

/** Interrupt a kernel through Jupyter's own route. False where the page tells of no Jupyter, or it refused. */
export async function interruptKernel(
  kernelId: string | null
): Promise<boolean> {
  if (kernelId === null) {
    return false;
  }
  const id = encodeURIComponent(kernelId);
  const answer = await askServer('POST', `api/kernels/${id}/interrupt`);
  return answer?.ok === true;
}
