"""From the chosen turn to the plan. Knows wire and scenario; knows no state, socket or clock: values are passed in."""
