package cli

import (
	"fmt"

	"framepilot/adapt"
	"framepilot/internal/words"
)

// takes says how long something takes, and between what and what.
func takes(e adapt.Estimate) string {
	switch {
	case e.Seconds == nil && e.AtLeast < 1: // all that is known takes no time
		return duration(nil)
	case e.Seconds == nil:
		return duration(&e.AtLeast) + " and what is unknown"
	case *e.High > *e.Low && *e.High >= 1:
		return fmt.Sprintf("%s (%s to %s)", duration(e.Seconds), duration(e.Low), duration(e.High))
	}
	return duration(e.Seconds)
}

// forecastText says in a line what a run will take.
func forecastText(f adapt.Forecast) string {
	text := takes(f.Estimate)
	beside := func(what string, n, free int64) {
		text += fmt.Sprintf(", %s of %s", words.Bytes(n), what)
		if free > 0 {
			text += fmt.Sprintf(" (%s free)", words.Bytes(free))
		}
	}
	beside("disk", f.Bytes, f.DiskFree)
	if f.Memory > 0 {
		beside("memory", f.Memory, f.MemoryFree)
	}
	if f.Money != nil {
		text += fmt.Sprintf(", %.0f %s", f.Money.Of(f.AtLeast), f.Money.Currency)
		if f.Seconds != nil {
			text += fmt.Sprintf(" (%.0f to %.0f)", f.Money.Of(*f.Low), f.Money.Of(*f.High))
		}
	}
	return text
}

// shortages says what a run would run out of, and what to do.
func shortages(f adapt.Forecast) (lines []string) {
	for _, short := range f.Short() {
		switch short {
		case adapt.ShortDisk:
			lines = append(lines, fmt.Sprintf("not enough disk: make room for %s before you run this", words.Bytes(f.Bytes-f.DiskFree)))
		case adapt.ShortMemory:
			lines = append(lines, fmt.Sprintf("not enough memory: %s are free; close other programs, or lower batch and workers under [limits]", words.Bytes(f.MemoryFree)))
		case adapt.ShortHours:
			lines = append(lines, fmt.Sprintf("longer than max_hours = %g of the plan: it will end before it is done, with what is done kept", f.Budget.Hours))
		case adapt.ShortMoney:
			lines = append(lines, fmt.Sprintf("dearer than max_cost = %g %s of the plan: it will end before it is done, with what is done kept", f.Budget.Cost, f.Money.Currency))
		}
	}
	return lines
}
