package export

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"framepilot/pilot"
	"framepilot/pilot/gate"
)

// WriteMetrics writes a run and, where there is one, the board of its pilot as
// OpenMetrics text, for a monitoring system to collect from a file.
func WriteMetrics(w io.Writer, rec pilot.Record, board *pilot.Board) error {
	families := map[string]*dto.MetricFamily{}
	add := func(name, help string, value float64, labels ...string) {
		f := families[name]
		if f == nil {
			kind := dto.MetricType_GAUGE
			f = &dto.MetricFamily{Name: &name, Help: &help, Type: &kind}
			families[name] = f
		}
		m := &dto.Metric{Gauge: &dto.Gauge{Value: &value}}
		for i := 0; i+1 < len(labels); i += 2 {
			m.Label = append(m.Label, &dto.LabelPair{Name: &labels[i], Value: &labels[i+1]})
		}
		f.Metric = append(f.Metric, m)
	}
	run := []string{"pilot", rec.Run.Pilot, "run", rec.Run.ID}
	for _, r := range rec.Results {
		for _, m := range r.Metrics {
			labels := append(slices.Clone(run), "site", r.Site, "recipe", r.Recipe(), "metric", m.Name)
			add("framepilot_result", "A number a run measured; shares are from 0 to 1.", m.Value, labels...)
			if m.HasInterval {
				add("framepilot_result_low", "Lower end of its interval.", m.Low, labels...)
				add("framepilot_result_high", "Upper end of its interval.", m.High, labels...)
			}
		}
	}
	add("framepilot_clips", "Clips of the run.", float64(len(rec.Clips)), run...)
	add("framepilot_failed_clips", "Clips that could not be used.", float64(len(rec.Failures)), run...)
	if speed, err := strconv.ParseFloat(rec.Run.Environment[pilot.ClipsPerHourKey], 64); err == nil {
		add("framepilot_clips_per_hour", "Clips this machine embeds an hour.", speed, run...)
	}
	if board != nil {
		for _, g := range board.Gates {
			for _, v := range []gate.Verdict{gate.Pass, gate.Fail, gate.Undecided, gate.Blocked} {
				is := 0.0
				if g.Ruling().Verdict == v {
					is = 1
				}
				add("framepilot_gate", "1 for the verdict a gate has.", is,
					"pilot", board.Pilot, "gate", g.Criterion.Name, "stage", string(g.Criterion.Stage), "verdict", string(v))
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(families)) {
		if _, err := expfmt.MetricFamilyToOpenMetrics(w, families[name]); err != nil {
			return fmt.Errorf("export metrics: %w", err)
		}
	}
	if _, err := expfmt.FinalizeOpenMetrics(w); err != nil {
		return fmt.Errorf("export metrics: %w", err)
	}
	return nil
}
