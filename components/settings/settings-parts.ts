/** The parts of Settings, in `?part=`. */
export const settingsParts = ['recovery-key', 'people', 'workers', 'ca-files'] as const
export type SettingsPart = (typeof settingsParts)[number]
