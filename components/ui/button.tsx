'use client'

import NextLink from 'next/link'
import { type ReactNode, useId, useState } from 'react'
import { Button as AriaButton, Focusable, TooltipTrigger } from 'react-aria-components'
import { classes } from './classes.ts'
import { TooltipBubble } from './tooltip.tsx'

export type ButtonVariant = 'primary' | 'secondary' | 'plain' | 'danger'

const variants = {
  primary: 'border-accent bg-accent text-accent-ink hover:bg-accent-hover hover:border-accent-hover',
  secondary: 'border-line-2 bg-panel text-ink hover:bg-hover',
  plain: 'border-transparent bg-transparent text-ink-2 hover:bg-hover hover:text-ink',
  danger: 'border-bad bg-bad text-bad-ink hover:bg-bad-hover hover:border-bad-hover',
} satisfies Record<ButtonVariant, string>

const sizes = { normal: 'min-h-8 px-3 py-1.5 text-base gap-2', small: 'min-h-7 px-2 py-0.5 text-sm gap-1.5' }

export function buttonClass(variant: ButtonVariant, size: 'normal' | 'small', extra?: string): string {
  return classes(
    'inline-flex items-center justify-center rounded-[7px] border font-[550] leading-5 no-underline select-none transition-colors duration-100 max-w-full sm:whitespace-nowrap [overflow-wrap:anywhere] [&_svg]:size-4 [&_svg]:shrink-0',
    variants[variant],
    sizes[size],
    extra,
  )
}

export interface ButtonProps {
  children: ReactNode
  /** default: secondary. One primary button a screen. */
  variant?: ButtonVariant
  size?: 'normal' | 'small'
  onPress?: () => void
  type?: 'button' | 'submit'
  /** a lucide icon, in front of the text */
  icon?: ReactNode
  /** why it cannot be pressed now, as a sentence; undefined or null: it can be pressed. Shown on hover, focus and touch, and read aloud */
  reason?: string | null
  /** the act is under way: a second press does nothing, and the label is kept */
  pending?: boolean
  /** the name for icon-only buttons; buttons with text need none */
  label?: string
  className?: string
  /** the id of a form outside of which the button stands */
  form?: string
  autoFocus?: boolean
}

/** A button. It is disabled only with a reason, and then stays focusable so that the reason can be read. */
export function Button({ reason, ...props }: ButtonProps) {
  return reason ? <ButtonWithReason {...props} reason={reason} /> : <PressableButton {...props} />
}

function PressableButton({
  children,
  variant = 'secondary',
  size = 'normal',
  onPress,
  type = 'button',
  icon,
  pending,
  label,
  className,
  form,
  autoFocus,
}: Omit<ButtonProps, 'reason'>) {
  return (
    <AriaButton
      type={type}
      {...(onPress ? { onPress } : {})}
      {...(label ? { 'aria-label': label } : {})}
      {...(form ? { form } : {})}
      {...(autoFocus ? { autoFocus } : {})}
      isPending={pending ?? false}
      className={buttonClass(variant, size, classes(pending && 'opacity-70 cursor-progress', className))}
    >
      {icon}
      {children}
    </AriaButton>
  )
}

function ButtonWithReason({ children, variant = 'secondary', size = 'normal', icon, label, className, reason }: ButtonProps & { reason: string }) {
  const [open, setOpen] = useState(false)
  const id = useId()
  return (
    <>
      <TooltipTrigger delay={200} isOpen={open} onOpenChange={setOpen}>
        <Focusable>
          <button
            type="button"
            aria-disabled="true"
            aria-label={label}
            aria-describedby={id}
            onClick={(event) => {
              event.preventDefault()
              setOpen(true)
            }}
            className={buttonClass(variant, size, classes('cursor-not-allowed opacity-55', className))}
          >
            {icon}
            {children}
          </button>
        </Focusable>
        <TooltipBubble>{reason}</TooltipBubble>
      </TooltipTrigger>
      <span id={id} hidden>
        {reason}
      </span>
    </>
  )
}

/** A link that looks like a button: for going somewhere. An act is a Button. `external`: a download or another origin, no client navigation. */
export function LinkButton(props: {
  href: string
  children: ReactNode
  variant?: ButtonVariant
  size?: 'normal' | 'small'
  icon?: ReactNode
  label?: string
  className?: string
  external?: boolean
}) {
  const { href, children, variant = 'secondary', size = 'normal', icon, label, className, external } = props
  const shared = { href, className: buttonClass(variant, size, className), 'aria-label': label }
  const inner = (
    <>
      {icon}
      {children}
    </>
  )
  return external ? <a {...shared}>{inner}</a> : <NextLink {...shared}>{inner}</NextLink>
}
