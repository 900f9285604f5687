/** As popular as things are: the second is asked for about half as often as the first. The exponent of YCSB. */
export const ZIPF_EXPONENT = 0.99;

/** @returns draws from 0 to count - 1, the smaller the likelier, from a number in [0, 1) */
export function zipf(count: number, exponent = ZIPF_EXPONENT): (uniform: number) => number {
  const sums = new Float64Array(count);
  let sum = 0;
  for (let at = 0; at < count; at++) sums[at] = sum += 1 / (at + 1) ** exponent;
  return (uniform) => {
    const wanted = uniform * sum;
    let [low, high] = [0, count - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] as number) > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}
