package lists

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// parseTime reads a place in a video: seconds ("12.5") or hh:mm:ss.mmm
// ("00:00:12.5", "01:30"). The result is finite and not negative.
func parseTime(s string) (float64, error) {
	parts := strings.Split(s, ":")
	if len(parts) > 3 {
		return 0, badTime(s)
	}
	total := 0.0
	for i, part := range parts {
		x, err := strconv.ParseFloat(part, 64)
		if err != nil || math.IsInf(x, 0) || !(x >= 0) || strings.ContainsAny(part, "xXpP_+") {
			return 0, badTime(s)
		}
		if len(parts) > 1 {
			whole := i < len(parts)-1
			if whole && x != math.Trunc(x) || i > 0 && x >= 60 {
				return 0, badTime(s)
			}
		}
		total = total*60 + x
	}
	return total, nil
}

func badTime(s string) error {
	return fmt.Errorf("%q is not a time; write seconds like 12.5 or hh:mm:ss.mmm like 00:00:12.500", s)
}

// Seconds renders a time as briefly as it can be read back.
func Seconds(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// RangeSuffix is "" for a whole file, else #start-end in seconds.
func RangeSuffix(start, end float64) string {
	switch {
	case start == 0 && end == 0:
		return ""
	case end == 0:
		return "#" + Seconds(start) + "-"
	}
	return "#" + Seconds(start) + "-" + Seconds(end)
}
