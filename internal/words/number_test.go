package words

import "testing"

func TestGrouped(t *testing.T) {
	for x, want := range map[float64]string{
		0: "0", 0.5: "0.5", 999: "999", 1000: "1,000", -1234.4: "-1,234", 1234567: "1,234,567", 2e9: "2,000,000,000", -0.001: "0", 1.0 / 3: "0.33", 999.999: "1,000",
	} {
		if got := Grouped(x); got != want {
			t.Errorf("Grouped(%v) = %s, want %s", x, got, want)
		}
	}
}

func TestNumber(t *testing.T) {
	for text, want := range map[string]struct {
		x       float64
		percent bool
	}{
		"0.8": {0.8, false}, " 80 % ": {0.8, true}, "80%": {0.8, true}, "８０％": {0.8, true}, "２．５": {2.5, false}, "2e6": {2e6, false}, "-3": {-3, false}, "0%": {0, true},
	} {
		if x, percent, ok := Number(text); !ok || x != want.x || percent != want.percent {
			t.Errorf("Number(%q) = %v, %v, %v", text, x, percent, ok)
		}
	}
	for _, text := range []string{"", "abc", "5,3", "1,000", "NaN", "inf", "1e400", "%", "80 percent", "8 0"} {
		if x, _, ok := Number(text); ok {
			t.Errorf("Number(%q) = %v", text, x)
		}
	}
}
