export function BrandMark({ size = 22 }: { size?: number }) {
  return (
    <svg
      aria-hidden
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={2}
      strokeLinecap="round"
      strokeLinejoin="round"
      className="shrink-0 text-accent"
    >
      <path d="M2 13h20l-3.2 6a2 2 0 0 1-1.8 1H7a2 2 0 0 1-1.8-1z" />
      <path d="M12 13V3l6 7" />
    </svg>
  )
}
