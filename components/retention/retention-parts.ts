/** The parts of Retention, in `?part=`. */
export const retentionParts = ['rules', 'simulator'] as const
export type RetentionPart = (typeof retentionParts)[number]

export function readPart(part: string | string[] | undefined): RetentionPart {
  return retentionParts.find((one) => one === part) ?? 'rules'
}
