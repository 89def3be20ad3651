import { Link } from '#components/ui/link.tsx'
import { Problem } from '#components/ui/problem.tsx'
import type { Problem as ProblemDocument } from '#lib/client/api.ts'

/** What a refused or failed call answered, beside the button that was pressed. */
export function Refusal({ problem }: { problem: ProblemDocument | null }) {
  const holder = typeof problem?.detail?.operationId === 'string' ? problem.detail.operationId : null
  return (
    /* out of the flow while it is empty, so that it takes no gap; it must exist before it speaks */
    <div aria-live="assertive" className="empty:absolute">
      {problem && (
        <Problem title={problem.title} id={problem.requestId}>
          {problem.remedy}
          {holder !== null && (
            <>
              {' '}
              <Link href={`/operations/${holder}`}>Open that operation</Link>
            </>
          )}
          {problem.fields !== undefined && (
            <ul className="m-0 list-disc pl-5">
              {Object.entries(problem.fields).map(([field, said]) => (
                <li key={field}>
                  {field}: {said}
                </li>
              ))}
            </ul>
          )}
        </Problem>
      )}
    </div>
  )
}
