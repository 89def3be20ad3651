/** Axis marks that a person would choose: round steps, from 0 to at least `top`, five or fewer. */
function marks(top: number, steps: readonly number[]): number[] {
  const step = steps.find((one) => top / one <= 5) ?? top / 5
  const count = Math.max(1, Math.ceil(top / step - 1e-9))
  return Array.from({ length: count + 1 }, (_, index) => index * step)
}

const minute = 60
const hour = 3600
const durationSteps = [
  0.1,
  0.2,
  0.5,
  1,
  2,
  5,
  10,
  15,
  30,
  minute,
  2 * minute,
  5 * minute,
  10 * minute,
  15 * minute,
  30 * minute,
  hour,
  2 * hour,
  6 * hour,
  12 * hour,
]

/** seconds */
export function durationTicks(top: number): number[] {
  return marks(top > 0 ? top : 1, durationSteps)
}

/** bytes, in decimal units */
export function byteTicks(top: number): number[] {
  const powers = Array.from({ length: 16 }, (_, power) => 10 ** power)
  return marks(
    top > 0 ? top : 1,
    powers.flatMap((power) => [power, 2 * power, 5 * power]),
  )
}
