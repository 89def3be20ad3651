/** The parts of a backup's page; each has its own address. */
export const backupTabs = ['trust', 'contents', 'compare', 'history'] as const
export type BackupTab = (typeof backupTabs)[number]

export const tabTitles = {
  trust: 'Copies and origin',
  contents: 'Tables',
  compare: 'Comparison',
  history: 'History',
} as const satisfies Record<BackupTab, string>

export function readTab(value: unknown): BackupTab {
  return backupTabs.find((tab) => tab === value) ?? 'trust'
}
