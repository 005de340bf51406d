package words

import (
	"math"
	"strconv"
	"strings"

	"golang.org/x/text/width"
)

// Number reads a number as people type it: 0.8, 2e6, 80 %, or ８０％ from a
// keyboard that writes wide. One in percent comes back as the share it is, and
// percent says so; ok is false where it is no finite number. A comma is none of
// its signs: whether it marks decimals or thousands, only the writer knows.
func Number(text string) (x float64, percent, ok bool) {
	text, percent = strings.CutSuffix(strings.TrimSpace(width.Narrow.String(text)), "%")
	x, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || x-x != 0 {
		return 0, percent, false
	}
	if percent {
		x /= 100
	}
	return x, percent, true
}

// Grouped is a number with a comma every three digits, as money is written in
// English and in Japanese; whole from a thousand on.
func Grouped(x float64) string {
	if math.Abs(x) < 999.5 {
		return strconv.FormatFloat(math.Round(x*100)/100+0, 'f', -1, 64) // + 0 makes -0 zero
	}
	digits := strconv.FormatFloat(math.Round(math.Abs(x)), 'f', 0, 64)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	if x < 0 {
		return "-" + digits
	}
	return digits
}
