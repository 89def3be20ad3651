import { type Period, periods, periodWords } from '#components/charts/check-axis.ts'
import { TabLinks } from '#components/ui/tab-links.tsx'

/** How far back a history goes; each period has its own address. */
export function PeriodLinks({ current, href }: { current: Period; href: (period: Period) => string }) {
  return (
    <TabLinks
      label="Period"
      current={String(current)}
      tabs={periods.map((one) => ({ value: String(one), href: href(one), label: periodWords(one) }))}
    />
  )
}
