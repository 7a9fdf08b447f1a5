"""The countries and directions of the catalogue, as two tables of text.

A line that starts at the margin is a country: ``ISO|dial code|digits|English|German``, where digits is the
length of a national number, or ``+N`` for N digits after the area code whatever its length.
An indented line is a direction of that country:
``id|area code|English|German|connect fee|monthly fee|requirements|flags|days until connected``.
Flags: ``sms`` receives SMS, ``toll`` toll-free, ``unlisted`` shows no numbers (the operator assigns one),
``revenue`` pays for incoming minutes, ``all`` and ``fixed`` name a feature text. Fees are in the account's currency.
Only Israel's ids follow a recorded answer; the other figures are invented, to differ from each other.
"""

TABLE = """
DE|49|10|Germany|Deutschland
 3753|800|800 number (Toll-free)|800-Nummer (gebührenfrei)|15|15|company|toll,all|5
 3759|32|National|National|0|2.5|resident||0
 3760|30|Berlin|Berlin|0|2|local||0
 3761|40|Hamburg|Hamburg|0|2|local||0
 3762|89|Munich|München|1.5|2.4|local||0
 3763|69|Frankfurt|Frankfurt am Main|0|2.2|resident||1
 3764|221|Cologne|Köln|0|2|local||0
 3765|711|Stuttgart|Stuttgart|0|2|local||2
 3766|911|Nuremberg|Nürnberg|0|2|local||0
 3767|351|Dresden|Dresden|0|1.9|local|unlisted|3
 3768|1573|Mobile|Mobil|5|6.5|identity|sms|1
AT|43|10|Austria|Österreich
 4101|720|National|National|0|2.5|passport||0
 4102|1|Vienna|Wien|0|3|resident||0
 4103|316|Graz|Graz|0|3|local||0
 4104|662|Salzburg|Salzburg|0|3.2|local||1
 4105|512|Innsbruck|Innsbruck|0|3.2|local|unlisted|4
 4106|800|Toll-free|Gebührenfrei|20|22|company_local|toll|10
 4107|676|Mobile|Mobil|6|9|identity|sms|2
CH|41|9|Switzerland|Schweiz
 4201|44|Zurich|Zürich|4|4|address||0
 4202|22|Geneva|Genf|4|4|address||0
 4203|31|Bern|Bern|4|4|address||0
 4204|61|Basel|Basel|4|4.2|address||0
 4205|800|Toll-free|Gebührenfrei|25|24|company|toll|7
 4206|77|Mobile|Mobil|8|11|resident|sms|1
GB|44|10|United Kingdom|Vereinigtes Königreich
 13755|20|London|London|0|2|none|sms|0
 13756|161|Manchester|Manchester|0|2|none||0
 13757|121|Birmingham|Birmingham|0|2|none||0
 13758|131|Edinburgh|Edinburgh|0|2.1|none||0
 13759|28|Belfast|Belfast|0|2.1|passport||0
 13760|7700|Mobile|Mobil|2|3.5|passport|sms|0
 13761|800|Toll-free|Gebührenfrei|10|12|passport|toll,all|1
 13762|843|Revenue|Mit Umsatzbeteiligung|0|1|purpose|revenue,fixed|0
US|1|10|United States|Vereinigte Staaten
 17701|212|New York|New York|0|3|none||0
 17702|213|Los Angeles|Los Angeles|0|2|none|sms|0
 17703|312|Chicago|Chicago|0|2|none|sms|0
 17704|415|San Francisco|San Francisco|0|2.5|none|sms|0
 17705|305|Miami|Miami|0|2|none|unlisted|0
 17706|929|Mobile|Mobil|0|3|purpose|sms|0
 17707|888|Toll-free|Gebührenfrei|0|4|none|toll,all|0
 17708|206|Seattle|Seattle|0|2|none||0
CA|1|10|Canada|Kanada
 17801|416|Toronto|Toronto|0|2|none|sms|0
 17802|604|Vancouver|Vancouver|0|2|none||0
 17803|514|Montreal|Montreal|0|2|none||0
 17804|403|Calgary|Calgary|0|2|none|unlisted|0
 17805|833|Toll-free|Gebührenfrei|0|5|none|toll|0
FR|33|9|France|Frankreich
 5101|1|Paris|Paris|0|2.5|local||0
 5102|4|Lyon and Marseille|Lyon und Marseille|0|2.5|local||0
 5103|5|Toulouse and Bordeaux|Toulouse und Bordeaux|0|2.5|local||1
 5104|9|National|National|0|2|resident||0
 5105|805|Toll-free|Gebührenfrei|12|14|company|toll|6
 5106|7|Mobile|Mobil|5|7|identity|sms|3
ES|34|9|Spain|Spanien
 5201|91|Madrid|Madrid|0|2|identity||0
 5202|93|Barcelona|Barcelona|0|2|identity||0
 5203|96|Valencia|Valencia|0|2|identity||0
 5204|95|Seville and Malaga|Sevilla und Málaga|0|2|identity|unlisted|1
 5205|900|Toll-free|Gebührenfrei|10|13|company|toll|4
IT|39|10|Italy|Italien
 5301|06|Rome|Rom|0|2.5|local||1
 5302|02|Milan|Mailand|0|2.5|local||1
 5303|011|Turin|Turin|0|2.5|local||1
 5304|081|Naples|Neapel|0|2.5|local||2
 5305|800|Toll-free|Gebührenfrei|18|16|company_local|toll|14
 5306|055|Florence|Florenz|0|2.7|local|unlisted|3
PL|48|9|Poland|Polen
 5401|22|Warsaw|Warschau|0|1.8|passport||0
 5402|12|Krakow|Krakau|0|1.8|passport||0
 5403|58|Gdansk|Danzig|0|1.8|passport||0
 5404|71|Wroclaw|Breslau|0|1.8|passport|unlisted|1
 5405|73|Mobile|Mobil|0|2.9|identity|sms|0
 5406|800|Toll-free|Gebührenfrei|8|9.5|company|toll|3
IL|972|+7|Israel|Israel
 3061|55|Mobile|Mobil|0|3|address|sms|0
 14526|8|Beer Sheva|Be’er Scheva|0|3|address||0
 633|4|Hadera|Chadera|0|3|address||0
 634|4|Haifa|Haifa|0|3|address||0
 12823|8|Hashfela|Schefela|0|3|address||0
 14527|2|Jerusalem|Jerusalem|0|3|address||0
 1317|77|National|National|0|4.5|address||0
 638|3|Tel Aviv|Tel Aviv|0|3|address||0
 14989|1809|Toll-free|Gebührenfrei|0|10.5|address|toll|10
NL|31|9|Netherlands|Niederlande
 5501|20|Amsterdam|Amsterdam|0|2|local||0
 5502|10|Rotterdam|Rotterdam|0|2|local||0
 5503|70|The Hague|Den Haag|0|2|local||0
 5504|85|National|National|0|2|passport||0
 5505|800|Toll-free|Gebührenfrei|14|17|company|toll|8
 5506|97|Mobile|Mobil|3|5|address|sms|1
BE|32|8|Belgium|Belgien
 5601|2|Brussels|Brüssel|0|2.2|local||1
 5602|3|Antwerp|Antwerpen|0|2.2|local||1
 5603|9|Ghent|Gent|0|2.2|local||2
 5604|4|Liege|Lüttich|0|2.2|local|unlisted|3
 5605|800|Toll-free|Gebührenfrei|16|18|company_local|toll|12
DK|45|8|Denmark|Dänemark
 5701|32|Copenhagen|Kopenhagen|0|2.5|resident||0
 5702|86|Aarhus|Aarhus|0|2.5|resident||0
 5703|65|Odense|Odense|0|2.5|resident||1
 5704|80|Toll-free|Gebührenfrei|9|11|company|toll|5
 5705|92|Mobile|Mobil|2|4|resident|sms|1
SE|46|9|Sweden|Schweden
 5801|8|Stockholm|Stockholm|0|2|address||0
 5802|31|Gothenburg|Göteborg|0|2|address||0
 5803|40|Malmo|Malmö|0|2|address||0
 5804|766|Mobile|Mobil|1|3|address|sms|0
 5805|20|Toll-free|Gebührenfrei|7|9|company|toll|2
CZ|420|9|Czechia|Tschechien
 5901|22|Prague|Prag|0|1.7|passport||0
 5902|53|Brno|Brünn|0|1.7|passport||0
 5903|59|Ostrava|Ostrau|0|1.7|passport||1
 5904|91|National|National|0|1.7|none||0
 5905|800|Toll-free|Gebührenfrei|6|8|company|toll|4
BG|359|8|Bulgaria|Bulgarien
 6001|2|Sofia|Sofia|0|1.5|none||0
 6002|32|Plovdiv|Plowdiw|0|1.5|none||0
 6003|52|Varna|Warna|0|1.5|passport||0
 6004|700|National|National|0|3|company|fixed|2
 6005|800|Toll-free|Gebührenfrei|0|9|passport|toll|3
TR|90|10|Türkiye|Türkei
 6101|212|Istanbul|Istanbul|3|4|purpose_id||2
 6102|312|Ankara|Ankara|3|4|purpose_id||2
 6103|232|Izmir|Izmir|3|4|purpose_id|unlisted|4
 6104|850|National|National|3|3.5|purpose_id||1
 6105|800|Toll-free|Gebührenfrei|20|25|company_local|toll|14
BR|55|10|Brazil|Brasilien
 6201|11|Sao Paulo|São Paulo|0|3|identity||0
 6202|21|Rio de Janeiro|Rio de Janeiro|0|3|identity||0
 6203|61|Brasilia|Brasília|0|3|identity||1
 6204|31|Belo Horizonte|Belo Horizonte|0|3|identity|unlisted|2
 6205|800|Toll-free|Gebührenfrei|0|19.9|company|toll|7
AU|61|9|Australia|Australien
 6301|2|Sydney|Sydney|0|3.5|resident||0
 6302|3|Melbourne|Melbourne|0|3.5|resident||0
 6303|7|Brisbane|Brisbane|0|3.5|resident||1
 6304|8|Perth|Perth|0|3.5|resident||1
 6305|48|Mobile|Mobil|4|8|local|sms|2
 6306|1800|Toll-free|Gebührenfrei|15|21|company|toll|5
JP|81|9|Japan|Japan
 6401|3|Tokyo|Tokio|10|8|company_local||7
 6402|6|Osaka|Osaka|10|8|company_local||7
 6403|50|National|National|5|6|purpose_id||3
 6404|800|Toll-free|Gebührenfrei|30|34.5|company_local|toll|14
UA|380|9|Ukraine|Ukraine
 6501|44|Kyiv|Kiew|0|2|passport||0
 6502|32|Lviv|Lemberg|0|2|passport||0
 6503|48|Odesa|Odessa|0|2|passport|unlisted|1
 6504|93|Mobile|Mobil|0|3|identity|sms|0
 6505|800|Toll-free|Gebührenfrei|5|7.5|company|toll|2
IE|353|9|Ireland|Irland
 6601|1|Dublin|Dublin|0|2.2|local||0
 6602|21|Cork|Cork|0|2.2|local||0
 6603|91|Galway|Galway|0|2.2|local||1
 6604|76|National|National|0|2|none||0
RU|7|10|Russia|Russland
 7495|495|Moscow|Moskau|0|2.8|passport||0
 7496|812|Saint Petersburg|Sankt Petersburg|0|2.8|passport||0
"""
