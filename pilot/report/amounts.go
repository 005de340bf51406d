package report

import (
	"math"
	"strconv"
	"strings"
	"time"

	"framepilot/pilot/gate"
)

// money is an amount with its currency: "−1,200 JPY"; small amounts keep two
// decimals.
func money(x float64, currency string) string {
	return strings.TrimSpace(amountOf(x) + " " + visible(currency))
}

func amountOf(x float64) string {
	size := math.Abs(x)
	text := strconv.FormatFloat(size, 'f', 0, 64)
	if size < 100 && size != math.Trunc(size) {
		text = strconv.FormatFloat(size, 'f', 2, 64)
	} else {
		for i := len(text) - 3; i > 0; i -= 3 {
			text = text[:i] + "," + text[i:]
		}
	}
	if x < 0 && strings.Trim(text, "0.") != "" {
		return "−" + text
	}
	return text
}

// minutes is a whole number of minutes, or tenths of a few.
func minutes(x float64) string {
	if x < 10 {
		return strconv.FormatFloat(x, 'f', 1, 64)
	}
	return whole0(x)
}

func whole0(x float64) string { return amountOf(math.Round(x)) }

// amount is a number of a gate's metric: a share in percent.
func amount(metric string, x float64) string {
	if m, err := gate.Find(metric); err == nil && m.Unit == "" || err != nil {
		return percent(x)
	}
	return amountOf(x)
}

func amounts(metric string, low, high float64) string {
	if m, err := gate.Find(metric); err == nil && m.Kind == gate.Gain {
		return points(low) + " – " + points(high)
	}
	return span(low, high, "")
}

func day(t time.Time) string { return t.UTC().Format("2006-01-02") }

func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
