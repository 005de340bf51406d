package pilot

import (
	"strconv"

	"framepilot/internal/fault"
	"framepilot/internal/words"
	"framepilot/pilot/gate"
	"framepilot/pilot/roi"
)

// ClipsPerHourKey is the environment value of a run that says how fast it
// embedded clips.
const ClipsPerHourKey = "clips_per_hour"

// machine is what was measured on the machine itself.
func machine(c gate.Criterion, rec Record, rates gate.Rates) (float64, error) {
	if c.Metric == "failed_share" {
		if len(rec.Clips) == 0 {
			return 0, fault.New(fault.Input, "", "gate %s: run %s has no clips", c.Name, rec.Run.ID)
		}
		return float64(len(rec.Failures)) / float64(len(rec.Clips)), nil
	}
	if speed, err := strconv.ParseFloat(rec.Run.Environment[ClipsPerHourKey], 64); err == nil && speed > 0 {
		rates.ClipsPerHour = speed
	}
	if rates.ClipsPerHour <= 0 {
		return 0, fault.Say(fault.Input, words.Say("measure it: framepilot model bench, then framepilot pilot assume %s=N --by NAME", roi.ClipsPerHour),
			"gate %s: run %s took every clip from the cache, so nobody knows how fast this machine is", c.Name, rec.Run.ID)
	}
	if c.Metric == "clips_per_hour" {
		return rates.ClipsPerHour, nil
	}
	money, ok := rates.Per1000()
	if !ok {
		return 0, fault.New(fault.Usage, "framepilot pilot assume "+roi.MachinePerHour+"=N --source TEXT --by NAME", "gate %s: the machine's rate is not known", c.Name)
	}
	return money, nil
}
