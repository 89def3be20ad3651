export const standardPlanWords =
  'Daily at 03:00, weekly on Sunday at 01:00, monthly on the 1st at 02:00, all UTC; kept 30 days, 12 weeks and 12 months.'
