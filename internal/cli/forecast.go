package cli

import (
	"framepilot/adapt/live"
	"framepilot/internal/words"
)

// takes says how long something takes, and between what and what.
func takes(e live.Estimate) words.Sentence {
	switch {
	case e.Seconds == nil && e.AtLeast < 1: // all that is known takes no time
		return duration(nil)
	case e.Seconds == nil:
		return words.Say("%s and parts never measured here", duration(&e.AtLeast))
	case *e.High > *e.Low && *e.High >= 1:
		return words.Say("%s (%s to %s)", duration(e.Seconds), duration(e.Low), duration(e.High))
	}
	return duration(e.Seconds)
}

// forecastText says in a line what a run will take.
func forecastText(f live.Forecast) words.Sentence {
	text := takes(f.Estimate)
	beside := func(format string, n, free int64) {
		text = words.Say(format, text, words.Bytes(n))
		if free > 0 {
			text = words.Say("%s (%s free)", text, words.Bytes(free))
		}
	}
	beside("%s, %s of disk", f.Bytes, f.DiskFree)
	if f.Memory > 0 {
		beside("%s, %s of memory", f.Memory, f.MemoryFree)
	}
	if f.Money != nil {
		text = words.Say("%s, %.0f %s", text, f.Money.Of(f.AtLeast), f.Money.Currency)
		if f.Seconds != nil {
			text = words.Say("%s (%.0f to %.0f)", text, f.Money.Of(*f.Low), f.Money.Of(*f.High))
		}
	}
	return text
}

// shortages says what a run would run out of, and what to do.
func shortages(f live.Forecast) (lines []words.Sentence) {
	for _, short := range f.Short() {
		switch short {
		case live.ShortDisk:
			lines = append(lines, words.Say("not enough disk: make room for %s before you run this", words.Bytes(f.Bytes-f.DiskFree)))
		case live.ShortMemory:
			lines = append(lines, words.Say("not enough memory: %s are free; close other programs, or lower batch and workers under [limits]", words.Bytes(f.MemoryFree)))
		case live.ShortHours:
			lines = append(lines, words.Say("longer than max_hours = %g of the plan: it will end before it is done, with what is done kept", f.Budget.Hours))
		case live.ShortMoney:
			lines = append(lines, words.Say("dearer than max_cost = %g %s of the plan: it will end before it is done, with what is done kept", f.Budget.Cost, f.Money.Currency))
		}
	}
	return lines
}
