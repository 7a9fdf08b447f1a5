"""What must not pass unnoticed: found in the mirror, told once to each person it concerns, shown until it is done."""
