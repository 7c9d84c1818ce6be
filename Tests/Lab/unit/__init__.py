"""Tests of the lab's host side. Run: python3 -m unittest discover -s Tests/Lab -t Tests/Lab"""
