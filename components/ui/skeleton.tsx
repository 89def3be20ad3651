import { classes } from './classes.ts'

/** A grey bar where content will be; give it the size of what comes. */
export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden className={classes('block animate-[breathe_1.6s_ease-in-out_infinite] rounded bg-line', className ?? 'h-4 w-full')} />
}

/** For loading.tsx of a page with a table. */
export function PageSkeleton({ label }: { label: string }) {
  return (
    <div role="status" aria-label={label} className="flex flex-col gap-4">
      <Skeleton className="h-8 w-72 max-w-full" />
      <Skeleton className="h-4 w-[32rem] max-w-full" />
      <div className="mt-3 flex flex-col gap-4 rounded-[10px] border border-line bg-panel p-5">
        {['a', 'b', 'c', 'd', 'e', 'f'].map((row) => (
          <Skeleton key={row} className="h-5 w-full" />
        ))}
      </div>
    </div>
  )
}
