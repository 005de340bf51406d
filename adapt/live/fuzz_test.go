package live

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Whatever stands in an event log, who follows it gets a state that can be
// asked everything.
func FuzzFollow(f *testing.F) {
	f.Add([]byte(`{"time":"2026-01-02T03:00:00Z","event":"stage","stage":"data","status":"started"}
{"event":"progress","stage":"embed","done":10,"total":100,"rate":10,"model":0.2}
{"event":"forecast","forecast":{"seconds":600,"seconds_low":1,"seconds_high":700,"after":{"seconds":60}}}
`))
	f.Add([]byte(`{"event":"stage","stage":"fit","status":"started"}
{"event":"forecast"}
{"event":"forecast","forecast":{"seconds":600}}
`))
	f.Add([]byte(`{"event":"forecast","forecast":{"seconds":1e300,"seconds_low":-1,"seconds_high":1e300}}` + "\n{\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		dir := t.TempDir()
		path := EventsFile(dir, "r")
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
		s, fresh, err := Follow(dir, "r").Look()
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range fresh {
			if e.Kind == EventForecast && e.Forecast == nil {
				t.Error("a forecast of nothing")
			}
		}
		s.Remaining()
		s.Left(time.Unix(0, 0))
		s.Recent()
		s.Speeds()
		s.Bottleneck()
	})
}
